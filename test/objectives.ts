import { Random, type Task } from "../src/index.ts";
import { type LossName, type Model, parameterCount } from "./oracle/network.ts";

/** What the contracts run on: one network of each sort, small, of odd sizes. */
export const objectives: {
  readonly name: string;
  readonly model: Model;
  readonly loss: LossName;
}[] = [
  {
    name: "tanh",
    model: { sizes: [2, 9, 7, 1], activation: "tanh" },
    loss: "meanSquaredError",
  },
  {
    name: "ReLU, batch norm",
    model: { sizes: [3, 8, 5, 2], activation: "relu", norm: "batch" },
    loss: "meanSquaredError",
  },
  {
    name: "GELU, layer norm",
    model: { sizes: [3, 7, 6, 2], activation: "gelu", norm: "layer" },
    loss: "binaryCrossEntropy",
  },
  {
    name: "cross-entropy",
    model: { sizes: [4, 11, 5], activation: "silu" },
    loss: "crossEntropy",
  },
];

type Sizes = Pick<(typeof objectives)[number], "model" | "loss">;

/** θ of ordinary size: each of its numbers N(0, 0.5²). */
export function parametersOf({ model }: Sizes, seed = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: parameterCount(model) }, () => 0.5 * random.normal());
}

/** A task of made-up rows that fits the network. */
export function taskOf(sizes: Sizes, seed: number, support = 10, query = 7): Task {
  const random = new Random(seed);
  return { support: batchOf(sizes, random, support), query: batchOf(sizes, random, query) };
}

/** The same with a weight for each row. */
export function weighted({ support, query }: Task, seed: number): Task {
  const random = new Random(seed);
  const [first, second] = [support, query].map((batch) => ({
    ...batch,
    weights: Float32Array.from({ length: batch.rows }, () => random.uniform(0, 3)),
  }));
  return { support: first, query: second };
}

function batchOf({ model, loss }: Sizes, random: Random, rows: number) {
  const [inSize, outSize] = [model.sizes[0], model.sizes.at(-1) as number];
  const classes = loss === "crossEntropy";
  return {
    inputs: Float32Array.from({ length: rows * inSize }, () => random.normal()),
    targets: Float32Array.from({ length: rows * (classes ? 1 : outSize) }, () =>
      classes ? random.integer(outSize) : random.uniform(),
    ),
    rows,
  };
}
