/** @import { Adapter } from "rvml/adapt" */
/** @import { Point } from "./strokes.js" */

/** The algorithms that the second tab compares, by the names of their files in models.js. */
export const algorithms = /** @type {const} */ ([
  { key: "maml", name: "MAML", about: "second-order gradients" },
  { key: "fomaml", name: "FOMAML", about: "first-order gradients" },
  { key: "reptile", name: "Reptile", about: "towards each task's end" },
  { key: "metaSgd", name: "Meta-SGD", about: "a rate for each weight" },
  { key: "anil", name: "ANIL", about: "adapts the last layer" },
  { key: "scratch", name: "From scratch", about: "never meta-trained" },
]);

/** The range of the curves that were trained on. */
export const RANGE = { x: 5, y: 6 };
/** Places where a curve is drawn. */
const xs = Float32Array.from({ length: 101 }, (_, i) => -RANGE.x + (2 * RANGE.x * i) / 100);

/** @param {readonly Point[]} points */
const supportOf = (points) => ({
  inputs: points.map(([x]) => x),
  targets: points.map(([, y]) => y),
  rows: points.length,
});

/** The curve that a network draws after some steps on these points. @param {Adapter} learner @param {readonly Point[]} points @param {number} steps @returns {Point[]} */
export function curveOf(learner, points, steps) {
  const curve = learner.adapt(supportOf(points), { steps }).predict(xs);
  return Array.from(xs, (x, i) => [x, curve[i]]);
}

/** Mean squared error at the points themselves. @param {Adapter} learner @param {readonly Point[]} points @param {number} steps */
export function errorAt(learner, points, steps) {
  const { inputs, targets } = supportOf(points);
  const outputs = learner.adapt(supportOf(points), { steps }).predict(inputs);
  return targets.reduce((sum, y, i) => sum + (outputs[i] - y) ** 2, 0) / targets.length;
}

/** Only adapts, to be timed. @param {Adapter} learner @param {readonly Point[]} points @param {number} steps */
export const adaptOnly = (learner, points, steps) => learner.adapt(supportOf(points), { steps });

/** Points of a new sinusoid out of those that were trained on: y = A sin(x − φ). @param {number} count @returns {Point[]} */
export function pointsOfNewCurve(count) {
  const amplitude = 1.5 + 3 * Math.random();
  const phase = Math.PI * Math.random();
  return Array.from({ length: count }, (_, i) => {
    const x = -4.5 + (9 * (i + 0.1 + 0.8 * Math.random())) / count;
    return [x, amplitude * Math.sin(x - phase)];
  });
}
