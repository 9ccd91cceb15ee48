/**
 * A convolution's passes alone, at the shapes of the four-layer networks of few-shot learning: each in a network of that one layer, whose
 * records are set so that a call of the core makes just the pass that is measured.
 */
import { instantiateCore } from "../build/modules/src/core.js";
import { releaseCore } from "../build/modules/src/inline-core.js";
import { conv2d } from "../build/modules/src/layers/conv2d.js";
import { flatten } from "../build/modules/src/layers/flatten.js";
import { meanSquaredError } from "../build/modules/src/loss.js";
import { Memory } from "../build/modules/src/memory.js";
import { sequential } from "../build/modules/src/model.js";
import { Plan } from "../build/modules/src/plan.js";
import { Random } from "../build/modules/src/random.js";

/**
 * @import { Figures } from "./rounds.js"
 *
 * @typedef {{ inShape: [height: number, width: number, channels: number], stride: number, rows: number }} Shape
 * @typedef {{ shape: string, pass: string, units: number, flops: number, target?: number }} Told
 * @typedef {Told & { name: string, step: () => unknown }} Conv2dEntry
 *
 * @typedef {object} ForwardPass what another library needs to make the same, and what comes of it
 * @property {Shape} shape
 * @property {Float32Array} x rows×height×width×channels
 * @property {Float32Array} w kernelHeight×kernelWidth×channels×filters
 * @property {Float32Array} b
 * @property {() => Float32Array} outputs rows×outHeight×outWidth×filters
 * @property {{ name: string, step: () => unknown }} entry
 */

// Not a static import: the type checker gives the enums of a declaration file no values.
const { Field, Header } = await import(
  new URL("../build/modules/assembly/abi.js", import.meta.url).href
);

const FILTERS = 64;
const KERNEL = 3;
/** Share of the peak that is asked of all passes. */
const TARGET = 0.6;

/** Height and width of what the layers get: of the stride-2 form (Finn et al. 2017's for Omniglot), of the max-pool form. */
const FORMS = [
  { stride: 2, sides: [28, 14, 7, 4] },
  { stride: 1, sides: [28, 14, 7, 3] },
];

/** @type {Shape[]} */
const SHAPES = FORMS.flatMap(({ stride, sides }) =>
  sides.flatMap((side, i) =>
    [5, 25].map((rows) => ({ inShape: [side, side, i === 0 ? 1 : FILTERS], stride, rows })),
  ),
);

/** @param {Shape} shape */
export const textOf = ({ inShape, stride, rows }) =>
  `${inShape.join("×")}, stride ${stride}, ${rows} rows`;

/**
 * Offset of a new run of random numbers.
 *
 * @param {Memory} memory
 * @param {number} length
 */
function run(memory, length) {
  const [pointer, random] = [memory.allocate(length), new Random(length)];
  const values = Float32Array.from({ length }, () => random.uniform(-1, 1));
  new Float32Array(memory.buffer, pointer, length).set(values);
  return pointer;
}

/**
 * Offset of a plan for the layer and the loss of a single output, which costs nothing. Inputs have all that a layer's output has, but for
 * those of a network's first layer.
 *
 * @param {Memory} memory
 * @param {Shape} shape
 * @param {{ backwardTangent: boolean }} options whether the tangent pass has a way back
 */
function planOf(memory, { inShape, stride, rows }, { backwardTangent }) {
  const layer = conv2d({ inShape, filters: FILTERS, kernel: KERNEL, stride, padding: "same" });
  const model = sequential([layer, flatten()]);
  const inputs = inShape[2] === 1 ? undefined : "gradient";
  const options = { capacity: rows, adapts: () => true, inputs: /** @type {any} */ (inputs) };
  const { pointer } = new Plan(memory, model, meanSquaredError(), options);
  const set = (
    /** @type {number} */ record,
    /** @type {number} */ field,
    /** @type {number} */ value,
  ) =>
    (new Int32Array(memory.buffer, pointer)[Header.Length + record * Field.Length + field] = value);
  set(0, Field.Value, run(memory, rows * model.inSize));
  if (inputs) set(0, Field.Tangent, run(memory, rows * model.inSize));
  if (inputs) set(0, Field.GradientTangent, run(memory, rows * model.inSize));
  if (!backwardTangent) set(1, Field.GradientTangent, 0);
  set(2, Field.Size, 1);
  return pointer;
}

/**
 * The passes at a shape: its forward pass has `unit` flops, the others `units` times that.
 *
 * @param {WebAssembly.Module} core
 * @param {Shape} shape
 * @returns {Conv2dEntry[]}
 */
function entriesOf(core, shape) {
  const memory = new Memory(instantiateCore(core));
  const { inShape, stride, rows } = shape;
  const weights = KERNEL * KERNEL * inShape[2] * FILTERS;
  const [theta, v, out] = [0, 1, 2].map(() => run(memory, weights + FILTERS));
  const [plan, noWayBack] = [true, false].map((backwardTangent) =>
    planOf(memory, shape, { backwardTangent }),
  );
  const { predict, pullback, gradientTangent } = memory.core;
  for (const each of [plan, noWayBack]) predict(each, rows, theta);
  const tangent = (/** @type {number} */ of) =>
    gradientTangent(of, rows, 0, 1 / rows, theta, v, out);
  const first = inShape[2] === 1;
  const unit = 2 * rows * Math.ceil(inShape[0] / stride) ** 2 * weights;
  const text = textOf(shape);
  const entry = (
    /** @type {string} */ pass,
    /** @type {number} */ units,
    /** @type {() => unknown} */ step,
  ) => ({
    name: `conv2d ${text}, ${pass}`,
    shape: text,
    pass,
    units,
    flops: units * unit,
    target: TARGET,
    step,
  });
  return [
    entry("forward", 1, () => predict(plan, rows, theta)),
    entry("backward", first ? 1 : 2, () => pullback(plan, rows, theta, out)),
    entry("forward tangent", first ? 1 : 2, () => tangent(noWayBack)),
    entry("both tangents", first ? 2 : 6, () => tangent(plan)),
  ];
}

/**
 * The forward pass of a layer as `conv4` has it, alone.
 *
 * @param {WebAssembly.Module} core
 * @param {Shape} shape
 * @returns {ForwardPass}
 */
function forwardOf(core, shape) {
  const memory = new Memory(instantiateCore(core));
  const { inShape, stride, rows } = shape;
  const weights = KERNEL * KERNEL * inShape[2] * FILTERS;
  const theta = run(memory, weights + FILTERS);
  const plan = planOf(memory, shape, { backwardTangent: false });
  const { predict } = memory.core;
  const floats = (/** @type {number} */ pointer, /** @type {number} */ length) =>
    new Float32Array(memory.buffer, pointer >>> 0, length);
  const [x] = new Int32Array(memory.buffer, plan).subarray(Header.Length + Field.Value);
  const size = rows * Math.ceil(inShape[0] / stride) ** 2 * FILTERS;
  return {
    shape,
    x: floats(x, rows * inShape[0] * inShape[1] * inShape[2]),
    w: floats(theta, weights),
    b: floats(theta, weights + FILTERS).subarray(weights),
    outputs: () => floats(predict(plan, rows, theta), size),
    entry: { name: `rvml, ${textOf(shape)}`, step: () => predict(plan, rows, theta) },
  };
}

/** The forward passes of the stride-2 form's layers, on the strict core. */
export async function conv2dForwardPasses() {
  const core = await releaseCore();
  return SHAPES.filter(({ stride }) => stride === 2).map((shape) => forwardOf(core, shape));
}

/** Bench entries of every shape and pass, on the strict core. */
export async function conv2dEntries() {
  const core = await releaseCore();
  return SHAPES.flatMap((shape) => entriesOf(core, shape));
}

/**
 * GFLOP/s of each pass, a row a shape; what both tangents take beyond the forward one is the backward one's.
 *
 * @param {readonly Told[]} entries
 * @param {readonly Figures[]} figures of them
 */
export function conv2dSpeeds(entries, figures) {
  const all = entries.map((entry, i) => ({ ...entry, time: figures[i].min }));
  return all
    .filter(({ pass }) => pass === "forward")
    .map(({ shape, target }) => {
      const [forward, backward, forwardTangent, both] = all.filter((each) => each.shape === shape);
      const { flops, time } = forwardTangent;
      const rest = { flops: both.flops - flops, time: both.time - time };
      const passes = {
        forward,
        backward,
        "forward tangent": forwardTangent,
        "backward tangent": rest,
      };
      const speeds = Object.entries(passes).map(([pass, of]) => [pass, of.flops / of.time / 1e3]);
      return { shape, target, speeds: Object.fromEntries(speeds) };
    });
}
