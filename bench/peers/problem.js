import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * The problem that every peer solves: one meta-step of second-order MAML on sinusoids, with the
 * same θ and the same tasks everywhere (problem.py draws the same numbers).
 */

export const SIZES = [1, 40, 40, 1];
export const INNER_LEARNING_RATE = 0.01;
export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The convolutional network of Finn et al. 2017 for Omniglot, 5-way 1-shot; α on the mean loss. */
export const CONV4 = { side: 28, filters: 64, ways: 5, tasks: 32, innerLearningRate: 2 };
/**
 * Its tasks, in the order drawn, where (in f64) a ReLU's input is nearer than 3e-6 to 0: f32 may fall to either side there, which moves a
 * task's gradient by up to 5 %. They are left out.
 */
const AT_A_KINK = [2, 5, 7, 14, 17, 19, 24, 27, 29, 31, 32, 38, 39, 43, 44];

/** The pinned version of a peer. */
export const version = (name) =>
  createRequire(import.meta.url)("./package.json").dependencies[name];

/** Uniform in steps of 2⁻²⁴ of the range: linear congruential, constants of Numerical Recipes. */
export function generator(seed) {
  let state = seed >>> 0;
  return (from, to) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return from + ((to - from) * (state >>> 8)) / 2 ** 24;
  };
}

/** W of a layer in ±√(6/(inSize + outSize)), then b in ±0.1; `window`: pixels of a convolution's. */
function layer(uniform, inSize, outSize, window = 1) {
  const bound = Math.sqrt(6 / (window * (inSize + outSize)));
  const w = Array.from({ length: window * inSize * outSize }, () => uniform(-bound, bound));
  return [...w, ...Array.from({ length: outSize }, () => uniform(-0.1, 0.1))];
}

/** θ, flat: W (inSize×outSize) and b of each layer. */
function draw(uniform, sizes) {
  const layers = sizes.slice(1).map((outSize, i) => layer(uniform, sizes[i], outSize));
  return Float32Array.from(layers.flat());
}

/** `rows` points of a sin(x + p), x in ±5. */
function wave(uniform, a, p, rows) {
  const inputs = Float32Array.from({ length: rows }, () => uniform(-5, 5));
  return { inputs, targets: inputs.map((x) => a * Math.sin(x + p)), rows };
}

/** θ and `tasks` sinusoids of `rows` + `rows` rows: { parameters, tasks: Task[] }. */
export function problem({ tasks = 25, rows = 10, seed = 1 } = {}) {
  const uniform = generator(seed);
  const parameters = draw(uniform, SIZES);
  const task = () => {
    const [a, p] = [uniform(0.1, 5), uniform(0, Math.PI)];
    return { support: wave(uniform, a, p, rows), query: wave(uniform, a, p, rows) };
  };
  return { parameters, tasks: Array.from({ length: tasks }, task) };
}

/** θ (W: 3×3×channels×filters, b and the shift of the norm of each block; W and b) and tasks of gray noise. */
export function conv4Problem({ seed = 3 } = {}) {
  const uniform = generator(seed);
  const { side, filters, ways, tasks } = CONV4;
  const blocks = [1, filters, filters, filters].flatMap((channels) => [
    ...layer(uniform, channels, filters, 9),
    ...new Float32Array(filters),
  ]);
  const parameters = Float32Array.from([...blocks, ...layer(uniform, filters, ways)]);
  const targets = Float32Array.from({ length: ways }, (_, label) => label);
  const batch = () => {
    const inputs = Float32Array.from({ length: ways * side ** 2 }, () => uniform(0, 1));
    return { inputs, targets, rows: ways };
  };
  const task = () => ({ support: batch(), query: batch() });
  const drawn = Array.from({ length: tasks + AT_A_KINK.length }, task);
  return { parameters, tasks: drawn.filter((_, i) => !AT_A_KINK.includes(i)).slice(0, tasks) };
}

/** The pieces of flat θ: [{ from, to, shape }], W and b of each layer in turn. */
export function pieces(sizes = SIZES) {
  let from = 0;
  const piece = (shape) => {
    const to = from + shape.reduce((a, b) => a * b, 1);
    const made = { from, to, shape };
    from = to;
    return made;
  };
  return sizes.slice(1).flatMap((out, layer) => [piece([sizes[layer], out]), piece([out])]);
}

/** All tasks' rows in one array, tasks×rows: what a batched peer takes. */
export function stacked(tasks, set, field) {
  const rows = tasks[0][set].rows;
  const all = new Float32Array(tasks.length * rows);
  tasks.forEach((task, index) => all.set(task[set][field], index * rows));
  return all;
}

/** The figures that all peers must agree on: loss, ‖gradient‖₂, Σ gradientᵢ·(1 + i mod 7). */
export function figures(name, { loss, gradient }) {
  let [square, slope] = [0, 0];
  gradient.forEach((g, i) => {
    square += g * g;
    slope += g * (1 + (i % 7));
  });
  return { name, loss, norm: Math.sqrt(square), slope };
}

/** With `--check` on the command line of the file `url`: prints the peer's figures as JSON. */
export async function checked(url, peer) {
  if (!process.argv.includes("--check")) return;
  if (url !== pathToFileURL(process.argv[1]).href) return;
  const made = await peer();
  console.log(JSON.stringify(figures(made.name, await made.metaGradient())));
}
