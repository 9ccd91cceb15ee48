/** implicitMaml: what its solver does on the way, in f64, and where it stops. */
import { describe, expect, test } from "vitest";
import { implicitMaml, type ImplicitMamlOptions } from "../../src/index.ts";
import { expectClose, LOSS_TOLERANCE, relativeError } from "../close.ts";
import { learnerFor } from "../learners.ts";
import { objectives, parametersOf, taskOf } from "../objectives.ts";
import * as oracle from "../oracle/meta.ts";

const [tanh, , , classes] = objectives;
/** Conjugate gradients in f32 part from those in f64 as they go on. */
const CG_TOLERANCE = 1e-4;
const inner = { innerLearningRate: 0.05, innerSteps: 5 };

type Objective = oracle.Objective;
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const plus = (a: Float64Array, factor: number, b: Float64Array) =>
  a.map((x, i) => x + factor * b[i]);

/** φ after the inner steps. */
function reached(
  objective: Objective,
  theta: Float32Array,
  support: oracle.Task["support"],
  lambda: number,
) {
  let phi = Float64Array.from(theta);
  for (let k = 0; k < inner.innerSteps; k++) {
    const g = oracle.gradient(objective, phi, support);
    phi = phi.map((x, i) => x - inner.innerLearningRate * (g[i] + lambda * (x - theta[i])));
  }
  return phi;
}

/** u after some conjugate gradient steps on (I + H/λ)u = v, the residual, and the steps made before one has no positive curvature. */
function solution(
  objective: Objective,
  task: oracle.Task,
  theta: Float32Array,
  lambda: number,
  steps: number,
) {
  const phi = reached(objective, theta, task.support, lambda);
  const v = oracle.gradient(objective, phi, task.query);
  const system = (d: Float64Array) =>
    plus(d, 1 / lambda, oracle.hvp(objective, phi, task.support, d));
  let [u, r, p] = [v.map(() => 0), v, v];
  let made = 0;
  for (; made < steps; made++) {
    const product = system(p);
    const curvature = dot(p, product);
    if (curvature <= 0) break;
    const square = dot(r, r);
    u = plus(u, square / curvature, p);
    r = plus(r, -square / curvature, product);
    p = plus(r, dot(r, r) / square, p);
  }
  // Without any direction, as if there were no curvature.
  if (made === 0) u = v.slice();
  const left = plus(v, -1, system(u));
  return { u, made, residual: Math.sqrt(dot(left, left) / dot(v, v)) };
}

async function solved(objective: Objective, options: Partial<ImplicitMamlOptions>, seed = 1) {
  const theta = parametersOf(objective as typeof tanh);
  const algorithm = implicitMaml({ ...inner, tolerance: 0, ...options });
  const learner = await learnerFor(objective, { parameters: theta, algorithm });
  const task = taskOf(objective as typeof tanh, seed);
  return { learner, task, theta, ...learner.metaGradient([task]) };
}

describe.each([tanh, classes])("$name", (objective) => {
  test.each([1, 2, 3, 5])("%i conjugate gradient steps", async (cgSteps) => {
    const { gradient, learner, task, theta } = await solved(objective, { cgSteps, lambda: 2 });
    const { u, residual, made } = solution(objective, task, theta, 2, cgSteps);
    expect(made).toBe(cgSteps);
    expect(learner.report).toMatchObject({ cgSteps, indefinite: 0 });
    expectClose(gradient, u, CG_TOLERANCE, "u");
    expectClose(learner.report.residual, residual, 1e-2, "residual");
  });

  test("stops at the residual that it is asked for, and λ + δ stands for λ in the system", async () => {
    const tolerance = 1e-2;
    const { learner } = await solved(objective, { cgSteps: 50, tolerance, lambda: 2 });
    const { residual, cgSteps } = learner.report;
    expect(residual).toBeLessThanOrEqual(tolerance * 1.001);
    expect(cgSteps).toBeGreaterThan(1);
    const before = await solved(objective, { cgSteps: cgSteps - 1, tolerance, lambda: 2 });
    expect(before.learner.report.residual).toBeGreaterThan(tolerance);
    // Less coupled to the curvature: fewer steps.
    const damped = await solved(objective, { cgSteps: 50, tolerance, lambda: 2, damping: 100 });
    expect(damped.learner.report.cgSteps).toBeLessThan(cgSteps);
  });
});

test("where a direction has no positive curvature, it stops at what it has", async () => {
  const seen: number[] = [];
  for (const [lambda, seed] of [0.05, 0.005].flatMap((l) =>
    [1, 2, 3, 4, 5, 6].map((s) => [l, s]),
  )) {
    const { gradient, learner, task, theta } = await solved(tanh, { cgSteps: 30, lambda }, seed);
    const { u, made } = solution(tanh, task, theta, lambda, 30);
    seen.push(made);
    expect(learner.report).toMatchObject({ cgSteps: made, indefinite: Number(made < 30) });
    if (made < 4) expectClose(gradient, u, 1e-2, "u");
  }
  expect(Math.min(...seen)).toBe(2);
});

test("where not even the first has, the query gradient stands, as if nothing were curved", async () => {
  // b₂ + w₂ tanh(w₁x + b₁), far below its target: steep in w₁w₂, and all the more so upwards.
  const objective = { model: { sizes: [1, 1, 1], activation: "tanh" }, loss: "meanSquaredError" };
  const hollow = objective as Objective;
  const parameters = [0.1, 0, 0.1, 0];
  const task = {
    support: { inputs: [1], targets: [1000], rows: 1 },
    query: { inputs: [0.5, 2], targets: [3, 1], rows: 2 },
  };
  const algorithm = implicitMaml({ innerLearningRate: 0 });
  const learner = await learnerFor(hollow, { parameters, algorithm });
  const { gradient } = learner.metaGradient([task]);
  const expected = oracle.gradient(hollow, Float32Array.from(parameters), task.query);
  expectClose(gradient, expected, LOSS_TOLERANCE, "u");
  expect(learner.report).toMatchObject({ cgSteps: 0, indefinite: 1 });
  // The next task, at its minimum, is one of its own.
  const targets = learner.predict([1]);
  learner.metaGradient([{ ...task, support: { ...task.support, targets } }]);
  expect(learner.report.indefinite).toBe(0);
});

test("a direction of no curvature at all is none to go in: 1/λ of it would be infinite", async () => {
  // w₂(w₁x + b₁) + b₂ at w = 1, b = 0, x = 1: the query gradient is along (1, 1, 1, 1), and there H is 10 − 2t.
  const objective = { model: { sizes: [1, 1, 1], activation: "linear" }, loss: "meanSquaredError" };
  const bilinear = objective as Objective;
  const parameters = [1, 0, 1, 0];
  const taskOfTarget = (t: number) => ({
    support: { inputs: [1], targets: [t], rows: 1 },
    query: { inputs: [1], targets: [0.5], rows: 1 },
  });
  const v = Float64Array.of(1, 1, 1, 1);
  const flat = taskOfTarget(5.5);
  expect(dot(v, oracle.gradient(bilinear, Float32Array.from(parameters), flat.query))).toBe(4);
  const along = dot(v, oracle.hvp(bilinear, Float32Array.from(parameters), flat.support, v));
  expect(along / dot(v, v)).toBe(-1);
  const algorithm = implicitMaml({ innerLearningRate: 0, lambda: 1 });
  const learner = await learnerFor(bilinear, { parameters, algorithm });
  expect(Array.from(learner.metaGradient([flat]).gradient)).toEqual([1, 1, 1, 1]);
  expect(learner.report).toMatchObject({ cgSteps: 0, indefinite: 1 });
  learner.metaGradient([taskOfTarget(5.25)]);
  expect(learner.report.cgSteps).toBeGreaterThan(0);
});

test("a task that is solved already: no step, no residual, no gradient", async () => {
  const { task, learner } = await solved(tanh, { innerLearningRate: 0 });
  const targets = learner.predict(task.query.inputs);
  const { loss, gradient } = learner.metaGradient([{ ...task, query: { ...task.query, targets } }]);
  expect(loss).toBe(0);
  expect(gradient.every((value) => value === 0)).toBe(true);
  expect(learner.report).toEqual({ residual: 0, cgSteps: 0, indefinite: 0 });
});

test("the report is of the last task, and no other's to change", async () => {
  const { learner } = await solved(tanh, {});
  const first = learner.report;
  (first as { residual: number }).residual = 7;
  expect(learner.report.residual).not.toBe(7);
  const fresh = await learnerFor(tanh, { algorithm: implicitMaml(inner) });
  expect(fresh.report).toEqual({ residual: 0, cgSteps: 0, indefinite: 0 });
});

test("ten inner steps, ten of the solver and λ = 1 by default", () => {
  expect(implicitMaml({ innerLearningRate: 0.1 }).options).toEqual({
    innerLearningRate: 0.1,
    innerSteps: 10,
    lambda: 1,
    cgSteps: 10,
    damping: 0,
    tolerance: 1e-6,
  });
});

test("a linear model with squared loss, in closed form: u = (I + H/λ)⁻¹ v at φ* = (H + λ)⁻¹(c + λθ)", async () => {
  const objective = { model: { sizes: [1, 1], activation: "linear" }, loss: "meanSquaredError" };
  const linear = objective as Objective;
  const [theta, lambda] = [Float32Array.of(0.5, 0), 3];
  // Inputs ±1: H = 2I and c = 2(Σxt, Σt)/n.
  const batch = (a: number, b: number) => ({ inputs: [1, -1], targets: [a, b], rows: 2 });
  const task = { support: batch(2, 1), query: batch(-1, 3) };
  const best = [(1 + 3 * 0.5) / 5, 3 / 5];
  const slope = [2 * best[0] + 4, 2 * best[1] - 2];
  const algorithm = implicitMaml({ innerLearningRate: 0.1, innerSteps: 60, lambda });
  const learner = await learnerFor(linear, { parameters: theta, algorithm });
  expectClose(learner.adapt(task.support).parameters, best, LOSS_TOLERANCE, "φ*");
  const u = slope.map((value) => value / (1 + 2 / lambda));
  expectClose(learner.metaGradient([task]).gradient, u, LOSS_TOLERANCE, "u");
  // All eigenvalues alike: one step solves it.
  expect(learner.report.cgSteps).toBe(1);
  expect(relativeError(learner.report.residual, 0)).toBeLessThan(1e-6);
});
