import { describe, expect, test } from "vitest";
import { adam, clipNorm, cosine, linear, maml, type Optimizer, sgd } from "../src/index.ts";
import { expectClose, relativeError } from "./close.ts";
import { learnerFor } from "./learners.ts";
import { taskOf } from "./objectives.ts";
import type { Objective } from "./oracle/meta.ts";

/** A linear model, whose gradient is known, and no inner loop: the meta-step is one step of the optimizer on the query loss. */
const objective: Objective = {
  model: { sizes: [3, 1], activation: "linear" },
  loss: "meanSquaredError",
};
const { support, query } = taskOf(objective, 6, 5, 9);
const START = Float32Array.of(0.5, -1, 2, 0.25);
const STEPS = 60;

/** 60 steps of f32 against f64: each rounds θ and the state by 6e-8. */
const TRAJECTORY_TOLERANCE = 3e-6;

type Step = (theta: number[], gradient: number[], t: number) => number[];

/** ∇L(θ) = 2/n Σ (θ·x − t) x over rows x = (inputs, 1), in f64. */
function gradientAt(theta: readonly number[]): number[] {
  const gradient = [0, 0, 0, 0];
  for (let r = 0; r < query.rows; r++) {
    const x = [...Array.from(query.inputs).slice(3 * r, 3 * r + 3), 1];
    const gap = x.reduce((sum, value, i) => sum + value * theta[i], -query.targets[r]);
    x.forEach((value, i) => (gradient[i] += (2 / query.rows) * gap * value));
  }
  return gradient;
}

const norm = (values: number[]) => Math.hypot(...values);
const cosineAt = (from: number, to: number, steps: number, t: number) =>
  t < steps ? to + ((from - to) / 2) * (1 + Math.cos((Math.PI * t) / steps)) : to;

/** The reference for sgd: v ← μv + g, θ ← θ − ηv. */
function plain(rate: (t: number) => number, momentum = 0): () => Step {
  return () => {
    const v = [0, 0, 0, 0];
    return (theta, g, t) =>
      theta.map((value, i) => {
        v[i] = momentum * v[i] + g[i];
        return value - rate(t) * v[i];
      });
  };
}

/** The reference for adam: Kingma, Ba 2015, algorithm 1; weight decay as in Loshchilov, Hutter 2019, algorithm 2. */
function moments(
  rate: (t: number) => number,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = {},
): () => Step {
  return () => {
    const [m, v] = [0, 1].map(() => [0, 0, 0, 0]);
    return (theta, g, t) =>
      theta.map((value, i) => {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        const mean = m[i] / (1 - beta1 ** (t + 1));
        const variance = v[i] / (1 - beta2 ** (t + 1));
        return value - rate(t) * (mean / (Math.sqrt(variance) + epsilon) + weightDecay * value);
      });
  };
}

/** g ← g·min(1, bound/‖g‖) ahead of another. */
function clipped(make: () => Step, bound: number): () => Step {
  return () => {
    const step = make();
    return (theta, g, t) => {
      const scale = Math.min(1, bound / norm(g));
      return step(
        theta,
        g.map((value) => value * scale),
        t,
      );
    };
  };
}

/** A new optimizer adds its row. */
const optimizers: [name: string, optimizer: Optimizer, reference: () => Step][] = [
  ["sgd", sgd({ learningRate: 0.05 }), plain(() => 0.05)],
  ["sgd, momentum", sgd({ learningRate: 0.02, momentum: 0.9 }), plain(() => 0.02, 0.9)],
  [
    "sgd, cosine",
    sgd({ learningRate: cosine({ from: 0.1, to: 0.01, steps: 40 }) }),
    plain((t) => cosineAt(0.1, 0.01, 40, t)),
  ],
  ["adam, defaults", adam(), moments(() => 0.001)],
  [
    "adam, all options",
    adam({ learningRate: 0.03, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
    moments(() => 0.03, { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
  ],
  ["adam, β₁ = 0", adam({ learningRate: 0.01, beta1: 0 }), moments(() => 0.01, { beta1: 0 })],
  [
    "adamW",
    adam({ learningRate: 0.02, weightDecay: 0.1 }),
    moments(() => 0.02, { weightDecay: 0.1 }),
  ],
  [
    "adam, rising cosine",
    adam({ learningRate: cosine({ from: 0, to: 0.05, steps: 30 }) }),
    moments((t) => cosineAt(0, 0.05, 30, t)),
  ],
  [
    "adamW, cosine",
    adam({ learningRate: cosine({ from: 0.05, steps: 50 }), weightDecay: 0.2 }),
    moments((t) => cosineAt(0.05, 0, 50, t), { weightDecay: 0.2 }),
  ],
  [
    "momentum, linear",
    sgd({ learningRate: linear({ from: 0.04, to: 0.01, steps: 40 }), momentum: 0.5 }),
    plain((t) => Math.max(0.01, 0.04 - (0.03 * t) / 40), 0.5),
  ],
  [
    "clipNorm(sgd)",
    clipNorm(sgd({ learningRate: 0.05 }), 0.5),
    clipped(
      plain(() => 0.05),
      0.5,
    ),
  ],
  [
    "clipNorm(adam)",
    clipNorm(adam({ learningRate: 0.02 }), 0.5),
    clipped(
      moments(() => 0.02),
      0.5,
    ),
  ],
];

function learnerWith(metaOptimizer: Optimizer) {
  const algorithm = maml({ innerLearningRate: 0.1, innerSteps: 0 });
  return learnerFor(objective, { parameters: START, algorithm, metaOptimizer });
}

describe.each(optimizers)("%s", (_, optimizer, reference) => {
  test(`follows f64 for ${STEPS} steps`, async () => {
    const learner = await learnerWith(optimizer);
    const step = reference();
    let theta = Array.from(START);
    for (let t = 0; t < STEPS; t++) {
      learner.metaStep([{ support, query }]);
      theta = step(theta, gradientAt(theta), t);
      expectClose(learner.parameters, theta, TRAJECTORY_TOLERANCE, `θ after step ${t + 1}`);
    }
    expect(relativeError(theta, START)).toBeGreaterThan(0.01);
  });

  test("is a value: learners made with it share nothing", async () => {
    const [one, other] = [await learnerWith(optimizer), await learnerWith(optimizer)];
    for (let t = 0; t < 3; t++) one.metaStep([{ support, query }]);
    for (let t = 0; t < 3; t++) other.metaStep([{ support, query }]);
    expect(one.parameters).toEqual(other.parameters);
  });
});

test("clipNorm leaves a gradient within the bound as it is", async () => {
  const [bound, free] = [
    await learnerWith(clipNorm(sgd({ learningRate: 0.1 }), 1e6)),
    await learnerWith(sgd({ learningRate: 0.1 })),
  ];
  for (const learner of [bound, free]) learner.metaStep([{ support, query }]);
  expect(bound.parameters).toEqual(free.parameters);
});

test("adam takes gradients that are zero, and its own ε however small", async () => {
  const dead = { inputs: [0, 0, 0], targets: [0.25], rows: 1 };
  const learner = await learnerWith(adam({ epsilon: 1e-44 }));
  learner.metaStep([{ support: dead, query: dead }]);
  expect(learner.parameters).toEqual(START);
});

test("cosine: the ends, the middle, and ever after", () => {
  const { at } = cosine({ from: 3, to: 1, steps: 10 });
  expect([0, 5, 10, 11, 1e9].map(at)).toEqual([3, 2, 1, 1, 1]);
  expect(at(2)).toBeCloseTo(2 + Math.cos(Math.PI / 5), 14);
});

test("linear: the ends, the middle, and ever after", () => {
  const { at } = linear({ from: 3, to: 1, steps: 10 });
  expect([0, 5, 10, 11, 1e9].map(at)).toEqual([3, 2, 1, 1, 1]);
  expect(at(2)).toBeCloseTo(2.6, 14);
});

const refusals: [() => unknown, string][] = [
  [() => sgd({ learningRate: -1 }), "sgd: expected learningRate ≥ 0, got -1"],
  [() => sgd({ learningRate: NaN }), "sgd: expected finite learningRate ≥ 0, got NaN"],
  [
    () => sgd({ learningRate: "1" as never }),
    'sgd: expected learningRate ≥ 0 or a schedule, got "1"',
  ],
  [
    () => sgd({ learningRate: [1] as never }),
    "sgd: expected learningRate ≥ 0 or a schedule, got [1]",
  ],
  [() => sgd({} as never), "sgd: expected learningRate ≥ 0 or a schedule, got undefined"],
  [() => sgd({ learningRate: 1, momentum: 1 }), "sgd: expected 0 ≤ momentum < 1, got 1"],
  [
    () => sgd({ learningRate: 1, nesterov: 1 } as never),
    'sgd: expected options learningRate or momentum, got "nesterov"',
  ],
  [() => adam({ beta1: 1 }), "adam: expected 0 ≤ beta1 < 1, got 1"],
  [() => adam({ beta2: -0.1 }), "adam: expected 0 ≤ beta2 < 1, got -0.1"],
  [() => adam({ epsilon: 0 }), "adam: expected epsilon > 1e-45, got 0"],
  [() => adam({ epsilon: 1e-50 }), "adam: expected epsilon > 1e-45, got 1e-50"],
  [() => adam({ weightDecay: -1 }), "adam: expected weightDecay ≥ 0, got -1"],
  [() => clipNorm(adam(), 0), "clipNorm: expected maxNorm > 0, got 0"],
  [() => clipNorm({} as never, 1), "clipNorm: expected an optimizer, got {}"],
  [() => cosine({ from: -1, steps: 5 }), "cosine: expected from ≥ 0, got -1"],
  [
    () => cosine({ from: 1, to: Infinity, steps: 5 }),
    "cosine: expected finite to ≥ 0, got Infinity",
  ],
  [() => cosine({ from: 1, steps: 0 }), "cosine: expected steps ≥ 1, got 0"],
  [() => linear({ from: 1, to: -1, steps: 5 }), "linear: expected to ≥ 0, got -1"],
  [() => linear({ from: 1, steps: 0.5 }), "linear: expected integer steps ≥ 1, got 0.5"],
];

test.each(refusals.map(([call, message]) => ({ call, message })))(
  "$message",
  ({ call, message }) => {
    expect(call).toThrow(message);
  },
);
