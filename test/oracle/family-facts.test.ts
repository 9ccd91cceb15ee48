/** What differences cannot tell: that each step, order and layout is the one that is meant. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { noise } from "../noise.ts";
import { grad, sum, tensor } from "./autograd.ts";
import { batchFor, DIFFERENCE_TOLERANCE, differences } from "./differences.ts";
import { family } from "./family.ts";
import type { Options } from "./family.ts";
import { learnedOptimizer, logAndSign } from "./learned-optimizer.ts";
import { adapt, gradient, hvp, loss, mamlGradient } from "./meta.ts";
import type { Objective } from "./meta.ts";
import { parameterCount } from "./network.ts";
import { settingOf } from "./setting.ts";

const EXACT = 1e-12;
const RATE = 0.2;
const inner = { innerLearningRate: RATE, innerSteps: 2 };

const regression: Objective = {
  model: { sizes: [2, 3, 2], activation: "tanh" },
  loss: "meanSquaredError",
};
const deep: Objective = {
  model: { sizes: [2, 3, 3, 2], activation: "tanh" },
  loss: "meanSquaredError",
};
const classes: Objective = { model: { sizes: [2, 3], activation: "tanh" }, loss: "crossEntropy" };

const taskFor = (objective: Objective, seed = 1) => ({
  support: batchFor(objective, 6, 10 * seed),
  query: batchFor(objective, 5, 10 * seed + 5),
});
const thetaOf = ({ model }: Objective) => Float64Array.from(noise(1, parameterCount(model)));
const minus = (a: Float64Array, factor: number, b: ArrayLike<number>) =>
  a.map((value, i) => value - factor * b[i]);

/** xW (W row-major, as many rows as x has numbers). */
const times = (x: ArrayLike<number>, w: ArrayLike<number>) => {
  const cols = w.length / x.length;
  return Array.from({ length: cols }, (_, j) =>
    Array.from(x).reduce((total, value, i) => total + value * w[i * cols + j], 0),
  );
};

describe("orders", () => {
  const [theta, task] = [thetaOf(regression), taskFor(regression)];
  const path = [0, 1, 2].map((innerSteps) =>
    adapt(regression, theta, task.support, { ...inner, innerSteps }),
  );
  const last = gradient(regression, path[2], task.query);
  const back = (k: number) => minus(last, RATE, hvp(regression, path[k], task.support, last));

  test.each([
    [[1, 2], back(1)],
    [[2, 1], back(0)],
    [[1], last],
  ] as [(1 | 2)[], Float64Array][])("a list: %o", (order, expected) => {
    const actual = family.maml.gradient(regression, theta, [task], { ...inner, order });
    expectClose(actual.gradient, expected, EXACT, "meta-gradient");
  });

  test("firstOrderSteps, then the order", () => {
    const at = (metaStep: number) =>
      family.maml.gradient(regression, theta, [task], { ...inner, firstOrderSteps: 3 }, metaStep);
    const expected = mamlGradient(regression, theta, [task], { ...inner, order: 2 });
    expectClose(at(2).gradient, last, EXACT, "first order");
    expectClose(at(3).gradient, expected.gradient, EXACT, "second order");
  });

  test("order 1: rates of metaSgd get −Σ gₖ⊙v all the same", () => {
    const meta = [...theta, ...theta.map(() => RATE)];
    const actual = family.metaSgd.gradient(regression, meta, [task], { ...inner, order: 1 });
    const [a, b] = path.map((phi) => gradient(regression, phi, task.support));
    const own = last.map((v, i) => -(a[i] + b[i]) * v);
    expectClose(actual.gradient, [...last, ...own], EXACT, "meta-gradient");
  });
});

describe("single steps in plain numbers, g = ∇L(θ; support)", () => {
  const [theta, { support }] = [thetaOf(regression), taskFor(regression)];
  const g = gradient(regression, theta, support);
  const ranges = [
    [0, 6],
    [6, 9],
    [9, 15],
    [15, 17],
  ];
  const part = (x: ArrayLike<number>, t: number) => Array.from(x).slice(...ranges[t]);
  const step = (name: string, own: ArrayLike<number>, options: Options) =>
    family[name].adapt(regression, [...theta, ...Array.from(own)], support, {
      innerLearningRate: RATE,
      ...options,
      steps: 1,
    });

  test("metaCurvature: left·G·right", () => {
    const own = noise(9, 4 + 9 + 3 + 9 + 4 + 2);
    const turn = (G: number[], left: Float32Array, right: Float32Array) => {
      const rows = Math.sqrt(left.length);
      return Array.from({ length: rows }, (_, i) =>
        times(times(left.slice(i * rows, (i + 1) * rows), G), right),
      ).flat();
    };
    const expected = [
      ...turn(part(g, 0), own.slice(0, 4), own.slice(4, 13)),
      ...part(g, 1).map((value, i) => own[13 + i] * value),
      ...turn(part(g, 2), own.slice(16, 25), own.slice(25, 29)),
      ...part(g, 3).map((value, i) => own[29 + i] * value),
    ];
    const actual = step("metaCurvature", own, {});
    expectClose(actual, minus(theta, RATE, expected), EXACT, "φ");
  });

  test("alfa: features, hidden units, factors", () => {
    const [rates, network] = [noise(2, 16), noise(3, 2 * (64 + 8))];
    const [alpha, beta] = [rates.slice(0, 8), rates.slice(8)];
    const mean = (x: number[]) => x.reduce((a, b) => a + b) / x.length;
    const f = [g, theta].flatMap((x) => ranges.map((_, t) => mean(part(x, t))));
    const h = times(f, network.slice(0, 64)).map((z, i) => Math.max(0, z + network[64 + i]));
    const o = times(h, network.slice(72, 136)).map((z, i) => z + network[136 + i]);
    const expected = ranges.flatMap((_, t) =>
      part(theta, t).map(
        (x, i) => beta[t] * (1 + o[4 + t]) * x - alpha[t] * (1 + o[t]) * part(g, t)[i],
      ),
    );
    expectClose(step("alfa", [...rates, ...network], { innerSteps: 2 }), expected, EXACT, "φ");
  });

  test("learnedOptimizer: input, cell, two steps", () => {
    const [H, s] = [2, 0.1];
    const own = noise(5, (2 + H) * H + H + H * (1 + 2 * H) + 1 + 2 * H);
    const [w0, b0, w2, b2] = [own.slice(0, 8), own.slice(8, 10), own.slice(10, 20), own.slice(20)];
    const phi = theta.slice();
    const hidden = Array.from(theta, () => [0, 0]);
    for (let k = 0; k < 2; k++)
      gradient(regression, phi, support).forEach((slope, i) => {
        const x = [Math.log(Math.abs(slope)) / 10, Math.sign(slope), ...hidden[i]];
        const a = times(x, w0).map((z, j) => Math.tanh(z + b0[j]));
        const out = times(a, w2).map((z, j) => z + b2[j]);
        phi[i] -= s * out[0];
        hidden[i] = hidden[i].map((h, j) => {
          const gate = 1 / (1 + Math.exp(-out[1 + H + j]));
          return h + gate * (Math.tanh(out[1 + j]) - h);
        });
      });
    const actual = family.learnedOptimizer.adapt(regression, [...theta, ...own], support, {
      hiddenSize: H,
      outputScale: s,
      steps: 2,
    });
    expectClose(actual, phi, EXACT, "φ");
  });

  test("mamlPlusPlus: rates by step and tensor, the last row for all further steps", () => {
    const rates = noise(7, 8);
    const phi = theta.slice();
    for (const row of [0, 4, 4]) {
      const slope = gradient(regression, phi, support);
      ranges.forEach(([from, to], t) => {
        for (let i = from; i < to; i++) phi[i] -= rates[row + t] * slope[i];
      });
    }
    const options = { innerSteps: 2, steps: 3 };
    const actual = family.mamlPlusPlus.adapt(regression, [...theta, ...rates], support, options);
    expectClose(actual, phi, EXACT, "φ");
  });
});

test.each([
  [0, [1 / 3, 1 / 3, 1 / 3]],
  [5, [1 / 6, 1 / 6, 2 / 3]],
  [9.9, [0.01, 0.01, 0.98]],
  [10, [0, 0, 1]],
])("mamlPlusPlus: weights of the losses after %d of 10 meta-steps", (metaStep, weights) => {
  const [theta, task] = [thetaOf(regression), taskFor(regression)];
  const options = { ...inner, innerSteps: 3, learnRates: false, multiStepLoss: 10 };
  const expected = weights.reduce((total, weight, i) => {
    const phi = adapt(regression, theta, task.support, { ...inner, innerSteps: i + 1 });
    return total + weight * loss(regression, phi, task.query);
  }, 0);
  const actual = family.mamlPlusPlus.gradient(regression, theta, [task], options, metaStep);
  expectClose(actual.loss, expected, EXACT, "loss");
});

test("layers: anil and boil are maml's last and other dense layers, tNet leaves out the second", () => {
  const [theta, task] = [thetaOf(deep), taskFor(deep)];
  const ask = (name: string, options: Options = {}) =>
    family[name].gradient(deep, theta, [task], { ...inner, ...options }).gradient;
  expect(ask("anil")).toEqual(ask("maml", { layers: [4] }));
  expect(ask("boil")).toEqual(ask("maml", { layers: [0, 2] }));
  expect(ask("tNet")).toEqual(ask("maml", { layers: [0, 4] }));
  const [single, other] = [thetaOf(classes), taskFor(classes)];
  const [all, head] = ["maml", "anil"].map((name) =>
    family[name].gradient(classes, single, [other], inner),
  );
  expect(head).toEqual(all);
});

test("warpGrad: warp tensors by T-nets of one step, from each state of the path", () => {
  const [theta, task] = [thetaOf(deep), taskFor(deep)];
  const warp = family.warpGrad.gradient(deep, theta, [task], inner).gradient;
  const whole = family.tNet.gradient(deep, theta, [task], inner).gradient;
  const [a, b] = [0, 1].map((steps) => {
    const phi = family.warpGrad.adapt(deep, theta, task.support, { ...inner, steps });
    return family.tNet.gradient(deep, phi, [task], { ...inner, innerSteps: 1 }).gradient;
  });
  const expected = whole.map((value, i) => (i >= 9 && i < 21 ? (a[i] + b[i]) / 2 : value));
  expectClose(warp, expected, EXACT, "meta-gradient");
});

describe("learnedOptimizer", () => {
  const [theta, task] = [thetaOf(regression), taskFor(regression)];
  const own = noise(5, 46);
  const meta = Float64Array.of(...theta, ...own);
  const options = { hiddenSize: 3, outputScale: 0.05, order: 2, learnStart: true } as const;
  const ask = (extra: Options) =>
    family.learnedOptimizer.gradient(regression, meta, [task], { ...options, ...extra }).gradient;

  test("what the second of two segments adds is that of its steps from a fixed state", () => {
    const [cut, first] = [ask({ innerSteps: 4, unroll: 2 }), ask({ innerSteps: 2 })];
    const step = learnedOptimizer.step(settingOf(regression, options, 0));
    const flat = (values: ArrayLike<number>) => tensor(1, values.length, values);
    const run = (state: ReturnType<typeof step>, own: ArrayLike<number>) => {
      const slope = flat(gradient(regression, state.phi.data, task.support));
      return step(0, state, slope, flat(own));
    };
    const start = { phi: flat(theta), memory: [tensor(17, 3, new Float64Array(51))] };
    const middle = run(run(start, own), own);
    const later = (own: ArrayLike<number>) => {
      const states = [run(middle, own)];
      states.push(run(states[0], own));
      return (
        states.reduce((total, { phi }) => total + loss(regression, phi.data, task.query), 0) / 4
      );
    };
    const expected = differences(later, Float64Array.from(own));
    const part = cut.map((value, i) => value - first[i] / 2);
    expectClose(part.slice(0, 17), new Float64Array(17), EXACT, "θ");
    expectClose(part.slice(17), expected, DIFFERENCE_TOLERANCE, "own");
  });

  test("order 1 by default: all but what goes through the gradients", () => {
    const [first, second] = [undefined, 2 as const].map((order) => ask({ order, innerSteps: 1 }));
    expect(first.slice(17)).toEqual(second.slice(17));
    const phi = family.learnedOptimizer.adapt(regression, meta, task.support, options);
    expectClose(first.slice(0, 17), gradient(regression, phi, task.query), EXACT, "θ");
  });

  test("logarithm and sign, or a straight line, with their slopes", () => {
    const g = tensor(1, 5, [1, -0.5, 2e-5, -2e-5, 0]);
    const [e, log] = [Math.exp(10), Math.log(0.5) / 10];
    const [size, sign] = logAndSign(g);
    expectClose(size.data, [0, log, -1, -1, -1], EXACT, "p₁");
    expectClose(sign.data, [1, -1, 2e-5 * e, -2e-5 * e, 0], EXACT, "p₂");
    expectClose(grad(sum(size), [g])[0].data, [0.1, -0.2, 0, 0, 0], EXACT, "p₁′");
    expectClose(grad(sum(sign), [g])[0].data, [0, 0, e, e, e], EXACT, "p₂′");
  });
});
