/** The fused updates: against an f64 reference step by step, and the optimizers on top of them against PyTorch. */
import { describe, expect, test } from "vitest";
import { instantiateCore } from "../src/core.ts";
import { adam, sgd } from "../src/index.ts";
import { Memory } from "../src/memory.ts";
import { Vector } from "../src/vector.ts";
import { core as module } from "./build.ts";
import optimizers from "./fixtures/optimizers.json?raw";
import { expectWithin, Heap, ROUNDOFF } from "./heap.ts";
import { noise } from "./noise.ts";

const heap = new Heap(2000);
const { core } = heap;
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33];
const STEPS = 5;
const f = Math.fround;

/** Runs `step` STEPS times on θ and the optimizer's state, which starts at zero, and a new gradient each time. */
function run(n: number, step: (t: number, g: number, theta: number, state: number[]) => void) {
  const places = [300, 400, 500];
  const [theta, ...state] = places.map((at, i) =>
    heap.place(at, i ? new Float32Array(n) : noise(1, n)),
  );
  for (let t = 1; t <= STEPS; t++) {
    const g = noise(10 + t, n);
    step(t, heap.place(200, g), theta, state);
    expect([...heap.take(200, n)], "g").toEqual([...g]);
  }
  const [x, ...rest] = places.map((at) => heap.take(at, n));
  return { theta: x, state: rest };
}

describe.each(lengths)("n = %i", (n) => {
  test("sgdStep with momentum", () => {
    const [rate, momentum] = [f(0.1), f(0.9)];
    const { theta, state } = run(n, (_, g, theta, [v]) =>
      core.sgdStep(n, rate, momentum, g, v, theta),
    );
    const [x, v] = [Float64Array.from(noise(1, n)), new Float64Array(n)];
    for (let t = 1; t <= STEPS; t++)
      noise(10 + t, n).forEach((g, i) => {
        v[i] = momentum * v[i] + g;
        x[i] -= rate * v[i];
      });
    // |v| < STEPS, |θ| < 1 + rate·STEPS²: two roundings a step of each.
    expectWithin(state[0], v, () => 2 * STEPS * ROUNDOFF * STEPS, "v");
    expectWithin(theta, x, () => 2 * STEPS * ROUNDOFF * (1 + rate * STEPS ** 2), "θ");
  });

  test("adamStep with weight decay", () => {
    const [beta1, beta2, epsilon, rate, decay] = [f(0.9), f(0.999), f(1e-8), 0.01, 0.1];
    const [gamma1, gamma2] = [f(1 - beta1), f(1 - beta2)];
    const scales = (t: number) =>
      [rate / (1 - beta1 ** t), 1 / Math.sqrt(1 - beta2 ** t), 1 - rate * decay].map(f);
    const { theta, state } = run(n, (t, g, theta, [m, v]) => {
      const [stepSize, rootScale, keep] = scales(t);
      core.adamStep(
        ...([n, beta1, gamma1, beta2, gamma2, epsilon, stepSize, rootScale, keep] as const),
        ...([g, m, v, theta] as const),
      );
    });
    const [x, m, v] = [Float64Array.from(noise(1, n)), new Float64Array(n), new Float64Array(n)];
    for (let t = 1; t <= STEPS; t++) {
      const [stepSize, rootScale, keep] = scales(t);
      noise(10 + t, n).forEach((g, i) => {
        m[i] = beta1 * m[i] + gamma1 * g;
        v[i] = beta2 * v[i] + gamma2 * g * g;
        x[i] = keep * x[i] - (stepSize * m[i]) / (Math.sqrt(v[i]) * rootScale + epsilon);
      });
    }
    // Three roundings a step; |m| and |v| stay below 1 and γ₂·STEPS, |θ| below 1.
    expectWithin(state[0], m, () => 3 * STEPS * ROUNDOFF, "m");
    expectWithin(state[1] ?? [], v, () => 3 * STEPS * ROUNDOFF * gamma2 * STEPS, "v");
    expectWithin(theta, x, () => 3 * STEPS * ROUNDOFF, "θ");
  });
});

test("a gradient that has always been zero moves nothing but by the decay", () => {
  const places = [200, 300, 400, 500].map((at) =>
    heap.place(at, at === 500 ? [1, 2, 3, 4, 5] : new Float32Array(5)),
  );
  const [g, m, v, theta] = places;
  core.adamStep(5, 0.9, f(0.1), 0.999, f(0.001), f(1e-8), 0.01, 30, 0.5, g, m, v, theta);
  expect([...heap.take(500, 5)]).toEqual([0.5, 1, 1.5, 2, 2.5]);
});

interface Fixture {
  start: number[];
  gradients: number[][];
  cases: { name: "sgd" | "adam"; options: { learningRate: number }; steps: number[][] }[];
}

const fixture: Fixture = JSON.parse(optimizers);

/**
 * Relative to θ, or to 1 where it is smaller: 20 steps with a few roundings of 6e-8 each. Measured: at most 1.3e-6, relaxed 6e-7.
 */
const TOLERANCE = 3e-6;

test.each(fixture.cases)("PyTorch, 20 steps: $name $options", ({ name, options, steps }) => {
  const memory = new Memory(instantiateCore(module));
  const [theta, gradient] = [Vector.allocate(memory, 7), Vector.allocate(memory, 7)];
  const optimizer = { sgd, adam }[name](options).allocate(memory, 7);
  for (const round of ["first", "after reset"]) {
    theta.view.set(fixture.start);
    fixture.gradients.forEach((values, t) => {
      gradient.view.set(values);
      optimizer.update(theta, gradient);
      const bound = (i: number) => TOLERANCE * Math.max(1, Math.abs(steps[t][i]));
      expectWithin(theta.view, steps[t], bound, `${round}, step ${t + 1}: θ`);
    });
    expect(optimizer.step).toBe(20);
    optimizer.reset();
  }
});
