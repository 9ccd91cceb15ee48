import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * The problem that every peer solves: one meta-step of second-order MAML on sinusoids, with the
 * same θ and the same tasks everywhere (problem.py draws the same numbers).
 */

export const SIZES = [1, 40, 40, 1];
export const INNER_LEARNING_RATE = 0.01;
export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

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

/** θ, flat: W (inSize×outSize) and b of each layer; W in ±√(6/(inSize + outSize)), b in ±0.1. */
function draw(uniform, sizes) {
  const theta = [];
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [inSize, outSize] = [sizes[layer], sizes[layer + 1]];
    const bound = Math.sqrt(6 / (inSize + outSize));
    for (let i = 0; i < inSize * outSize; i++) theta.push(uniform(-bound, bound));
    for (let i = 0; i < outSize; i++) theta.push(uniform(-0.1, 0.1));
  }
  return Float32Array.from(theta);
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
