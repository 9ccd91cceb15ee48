import {
  adam,
  cosine,
  createLearner,
  maml,
  meanSquaredError,
  mlp,
  pretrain,
  reptile,
} from "../index.ts";
import type { ActivationName, Algorithm, Learner, Model } from "../index.ts";
import { count } from "./print.ts";
import { fromOptions, raise } from "./errors.ts";

export const activations: readonly ActivationName[] = [
  ...(["relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "leakyRelu", "linear"] as const),
];

/** All that decides a run besides the data. It is kept in the model file, for --resume and for readers. */
export interface Settings {
  readonly algorithm: "maml" | "reptile" | "pretrain";
  readonly order: 1 | 2;
  readonly innerSteps: number;
  readonly innerRate: number;
  readonly hidden: readonly number[];
  readonly activation: ActivationName;
  readonly norm: "batch" | "layer" | "none";
  readonly metaBatch: number;
  readonly metaRate: number;
  readonly steps: number;
  readonly seed: number;
  readonly shots: number;
}

const shared = { algorithm: "maml", order: 2, hidden: [40, 40], norm: "none", seed: 1 } as const;

export const tableDefaults: Settings = {
  ...shared,
  activation: "tanh",
  innerSteps: 5,
  innerRate: 0.05,
  metaBatch: 10,
  metaRate: 0.003,
  steps: 2000,
  shots: 3,
};

/** The tasks of Finn et al. 2017, section 5.1; tanh and a meta-rate that falls get there in a tenth of the steps. */
export const sinusoidDefaults: Settings = {
  ...shared,
  activation: "tanh",
  innerSteps: 1,
  innerRate: 0.01,
  metaBatch: 25,
  metaRate: 0.005,
  steps: 5000,
  shots: 10,
};

export async function newLearner(
  settings: Settings,
  inSize: number,
  outSize: number,
): Promise<Learner> {
  const { metaRate, steps, seed } = settings;
  const [model, algorithm, metaOptimizer] = fromOptions(() => [
    network(settings, inSize, outSize),
    innerLoop(settings),
    adam({ learningRate: cosine({ from: metaRate, to: metaRate / 20, steps }) }),
  ]);
  const loss = meanSquaredError();
  const made = createLearner({ model, loss, algorithm, metaOptimizer, seed });
  return made.catch((error) => fromOptions(() => raise(error)));
}

function network({ hidden, activation, norm }: Settings, inSize: number, outSize: number): Model {
  const sizes = [inSize, ...hidden, outSize];
  // He's larger start, usual with relu, makes plain gradient steps at these rates diverge.
  const initialization = "glorot";
  return mlp({ sizes, activation, initialization, norm: norm === "none" ? undefined : norm });
}

function innerLoop({ algorithm, innerRate, innerSteps, order }: Settings): Algorithm {
  const inner = { innerLearningRate: innerRate, innerSteps };
  if (algorithm === "maml") return maml({ ...inner, order });
  return algorithm === "reptile" ? reptile(inner) : pretrain(inner);
}

/** Said wherever such a model is made or used. */
export const transductive =
  "Batch norm: a row's prediction depends on the rows predicted together with it; a row on its own gets the same prediction whatever its inputs.";

/** For the screen and the report. */
export function describe(settings: Settings): [name: string, value: string][] {
  const { algorithm, order, innerSteps, innerRate, hidden, activation, norm } = settings;
  const { metaBatch, metaRate, steps, seed, shots } = settings;
  return [
    [
      "algorithm",
      algorithm === "maml" ? `MAML, ${order === 2 ? "second" : "first"} order` : algorithm,
    ],
    ["adapting", `${count(innerSteps, "step")} at rate ${innerRate} on ${count(shots, "row")}`],
    [
      "network",
      `${hidden.join("-") || "no"} hidden, ${activation}${norm === "none" ? "" : `, ${norm} norm`}`,
    ],
    [
      "meta-training",
      `${steps} steps of ${metaBatch} tasks, Adam, rate ${metaRate} falling to ${Number((metaRate / 20).toPrecision(6))}`,
    ],
    ["seed", String(seed)],
    ...(norm === "batch" ? [["note", transductive] as [string, string]] : []),
  ];
}
