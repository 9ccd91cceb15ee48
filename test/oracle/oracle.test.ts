import { describe, expect, it } from "vitest";
import { expectClose } from "../close.ts";
import { activations } from "./activation.ts";
import type { Activation } from "./activation.ts";
import { exp, grad, log, mul, power, sum, tensor } from "./autograd.ts";
import { erf, erfc } from "./erf.ts";
import {
  gradient,
  hvp,
  jointGradient,
  loss,
  mamlGradient,
  predict,
  reptileGradient,
} from "./meta.ts";
import type { Objective } from "./meta.ts";
import { loss as networkLoss, parameterCount } from "./network.ts";
import type { Batch } from "./network.ts";

/**
 * Five-point differences. Their error falls as h⁴ (measured: 5e-8 at 3e-4, 7e-10 at 1e-4, the worst
 * of all cases, layer norm over three units) until rounding, 1e-16/h, takes over below.
 */
const STEP = 1e-4;
const DIFFERENCE_TOLERANCE = 5e-9;
/** Both sides exact but for f64 rounding. */
const EXACT = 1e-12;

const losses = ["meanSquaredError", "crossEntropy", "binaryCrossEntropy"] as const;
const norms = [undefined, "batch", "layer"] as const;

/** Numbers in −1…1, the same for the same seed. */
function noise(seed: number, count: number): Float64Array {
  let state = seed + 1;
  return new Float64Array(count).map(() => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 31 - 1;
  });
}

function randomBatch({ model, loss }: Objective, rows: number, seed: number): Batch {
  const outSize = model.sizes.at(-1)!;
  const targets = noise(seed + 1, rows * (loss === "crossEntropy" ? 1 : outSize));
  return {
    rows,
    inputs: noise(seed, rows * model.sizes[0]),
    targets: targets.map((t) =>
      loss === "crossEntropy" ? Math.floor(((t + 1) / 2) * outSize) : (t + 1) / 2,
    ),
    weights: noise(seed + 2, rows).map((w) => 1.5 + w),
  };
}

/** (f(x − 2he) − 8f(x − he) + 8f(x + he) − f(x + 2he))/12h for each unit vector e. */
function differences(f: (x: Float64Array) => number, at: Float64Array): Float64Array {
  return at.map((_, i) => {
    const moved = (h: number) => f(at.map((value, j) => (i === j ? value + h : value)));
    const [far, near] = [2, 1].map((n) => moved(n * STEP) - moved(-n * STEP));
    return (8 * near - far) / (12 * STEP);
  });
}

const dot = (a: ArrayLike<number>, b: Float64Array) =>
  b.reduce((s, value, i) => s + value * a[i], 0);

const smooth = (Object.keys(activations) as Activation[]).filter((name) => !/relu/i.test(name));
const cases = smooth.flatMap((activation, i) =>
  norms.map((norm, j) => {
    const rows = [5, 1, 129][(i + Math.floor(i / 3) + j) % 3];
    const objective: Objective = {
      model: { sizes: rows < 129 ? [2, 4, 3, 2] : [2, 3, 2], activation, norm },
      loss: losses[(i + j) % 3],
    };
    return { title: `${activation} ${norm} ${objective.loss} ${rows} rows`, rows, objective };
  }),
);

describe.each(cases)("against differences: $title", ({ rows, objective }) => {
  const theta = noise(1, parameterCount(objective.model));
  const support = randomBatch(objective, rows, 2);
  const query = randomBatch(objective, 5, 7);

  it("gradient", () => {
    const expected = differences((x) => loss(objective, x, support), theta);
    const actual = gradient(objective, theta, support);
    expectClose(actual, expected, DIFFERENCE_TOLERANCE, "gradient");
  });

  it("Hessian-vector product", () => {
    const v = noise(3, theta.length);
    const expected = differences((x) => dot(gradient(objective, x, support), v), theta);
    expectClose(hvp(objective, theta, support, v), expected, DIFFERENCE_TOLERANCE, "hvp");
  });

  it("meta-gradient through three steps", () => {
    const inner = { innerLearningRate: 0.1, innerSteps: 3 };
    const after = (x: Float64Array) =>
      reptileGradient(objective, x, [{ support, query }], inner).loss;
    const maml = mamlGradient(objective, theta, [{ support, query }], { ...inner, order: 2 });
    expectClose(maml.loss, after(theta), EXACT, "loss");
    expectClose(maml.gradient, differences(after, theta), DIFFERENCE_TOLERANCE, "meta-gradient");
  });
});

describe.each(["relu", "leakyRelu"] as const)(
  "%s, no kink within the differences' reach",
  (activation) => {
    const objective: Objective = {
      model: { sizes: [2, 3, 2], activation },
      loss: "meanSquaredError",
    };
    const theta = noise(4, 17);
    const batch = randomBatch(objective, 3, 5);

    it("gradient and Hessian-vector product", () => {
      const v = noise(6, 17);
      const slopes = differences((x) => loss(objective, x, batch), theta);
      const products = differences((x) => dot(gradient(objective, x, batch), v), theta);
      expectClose(gradient(objective, theta, batch), slopes, DIFFERENCE_TOLERANCE, "gradient");
      expectClose(hvp(objective, theta, batch, v), products, DIFFERENCE_TOLERANCE, "hvp");
    });
  },
);

/**
 * X̃ᵀ(X̃V − T)/rows of a 3-2 model: X̃ = [X 1], V: 4×2 row-major, which is θ's layout; T is
 * `shift`, 0 if absent.
 */
function product({ inputs, rows }: Batch, v: ArrayLike<number>, shift?: ArrayLike<number>) {
  const result = new Float64Array(8);
  for (let r = 0; r < rows; r++) {
    const x = [...Array.from(inputs).slice(3 * r, 3 * r + 3), 1];
    for (let o = 0; o < 2; o++) {
      const y = x.reduce((s, value, i) => s + value * v[2 * i + o], -(shift?.[2 * r + o] ?? 0));
      x.forEach((value, i) => (result[2 * i + o] += (value * y) / rows));
    }
  }
  return result;
}

describe("linear model, mean squared error: closed forms", () => {
  const objective: Objective = {
    model: { sizes: [3, 2], activation: "linear" },
    loss: "meanSquaredError",
  };
  const theta = noise(1, 8);
  const [support, query] = [5, 7].map((rows) => ({
    ...randomBatch(objective, rows, rows),
    weights: undefined,
  }));

  it("gradient X̃ᵀ(X̃Θ − T)/n and product X̃ᵀX̃V/n", () => {
    const v = noise(2, 8);
    const expected = product(support, theta, support.targets);
    expectClose(gradient(objective, theta, support), expected, EXACT, "gradient");
    expectClose(hvp(objective, theta, support, v), product(support, v), EXACT, "hvp");
  });

  it.each([0, 1, 5])("meta-gradient (I − αH)ᴷ∇L(φ; query), K = %i", (innerSteps) => {
    const innerLearningRate = 0.2;
    let phi = theta;
    for (let k = 0; k < innerSteps; k++) {
      const step = product(support, phi, support.targets);
      phi = phi.map((value, i) => value - innerLearningRate * step[i]);
    }
    const first = product(query, phi, query.targets);
    let second = first;
    for (let k = 0; k < innerSteps; k++) {
      const hv = product(support, second);
      second = second.map((value, i) => value - innerLearningRate * hv[i]);
    }
    const inner = { innerLearningRate, innerSteps };
    const tasks = [{ support, query }];
    const maml = (order: 1 | 2) => mamlGradient(objective, theta, tasks, { ...inner, order });
    expectClose(maml(1).gradient, first, EXACT, "order 1");
    expectClose(maml(2).gradient, second, EXACT, "order 2");
    const difference = theta.map((value, i) => value - phi[i]);
    const reptile = reptileGradient(objective, theta, tasks, inner);
    expectClose(reptile.gradient, difference, EXACT, "θ − φ");
  });

  it("joint gradient is that of all rows in one batch", () => {
    const all = {
      rows: 12,
      inputs: [...Array.from(support.inputs), ...Array.from(query.inputs)],
      targets: [...Array.from(support.targets), ...Array.from(query.targets)],
    };
    const joint = jointGradient(objective, theta, [{ support, query }]);
    expectClose(joint.loss, loss(objective, theta, all), EXACT, "loss");
    expectClose(joint.gradient, gradient(objective, theta, all), EXACT, "gradient");
  });

  it("takes the mean over tasks", () => {
    const tasks = [
      { support, query },
      { support: query, query: support },
    ];
    const inner = { innerLearningRate: 0.1, innerSteps: 1, order: 2 } as const;
    const [a, b] = tasks.map((task) => mamlGradient(objective, theta, [task], inner));
    const both = mamlGradient(objective, theta, tasks, inner);
    expectClose(both.loss, (a.loss + b.loss) / 2, EXACT, "loss");
    const mean = a.gradient.map((value, i) => (value + b.gradient[i]) / 2);
    expectClose(both.gradient, mean, EXACT, "gradient");
  });
});

describe("small facts", () => {
  it("batch norm of one row gives its shift", () => {
    const model = { sizes: [2, 2, 1], activation: "linear", norm: "batch" } as const;
    const theta = [1, 2, 3, 4, 5, 6, /* scale */ 7, 8, /* shift */ 0.5, 0.25, /* W, b */ 2, 4, 1];
    expect([...predict(model, theta, [9, -9])]).toEqual([3]);
  });

  it("layer norm takes its statistics per row", () => {
    const model = { sizes: [1, 2, 1], activation: "linear", norm: "layer" } as const;
    const theta = [1, -1, 0, 0, /* scale */ 1, 1, /* shift */ 0, 0, /* W, b */ 1, 0, 0];
    const expected = [1, -2, 3].map((x) => x / Math.sqrt(x * x + 1e-5));
    expectClose(predict(model, theta, [1, -2, 3]), expected, EXACT, "outputs");
  });

  it("weights: a row of weight 0 is absent from the loss, a row of weight 2 counts twice", () => {
    const objective = {
      model: { sizes: [1, 1], activation: "linear" },
      loss: "meanSquaredError",
    } as const;
    const batch = { rows: 3, inputs: [1, 2, 3], targets: [0, 0, 0], weights: [1, 0, 2] };
    expectClose(loss(objective, [1, 0], batch), (1 + 2 * 9) / 3, EXACT, "loss");
  });

  it("differentiates as often as asked: x³, and log exp x", () => {
    const x = tensor(1, 2, [0, 2]);
    let y = power(x, 3);
    const rows = [0, 1, 2, 3].map(() => ([y] = grad(sum(y), [x])));
    expect(rows.map(([row]) => [...row.data])).toEqual([
      [0, 12],
      [0, 12],
      [6, 6],
      [0, 0],
    ]);
    const [once] = grad(sum(mul(log(exp(x)), x)), [x]);
    expectClose(grad(sum(once), [x])[0].data, [2, 2], EXACT, "(x log exp x)″");
  });

  it.each(norms)("third derivatives of a network, norm %s", (norm) => {
    const model = { sizes: [2, 3, 2], activation: "gelu", norm } as const;
    const objective = { model, loss: "crossEntropy" } as const;
    const batch = randomBatch(objective, 5, 8);
    const [theta, v] = [1, 2].map((seed) => noise(seed, parameterCount(model)));
    const [x, direction] = [theta, v].map((values) => tensor(1, values.length, values));
    let along = networkLoss(model, objective.loss, x, batch);
    for (let order = 1; order < 3; order++) along = sum(mul(grad(along, [x])[0], direction));
    const curvature = (at: Float64Array) => dot(hvp(objective, at, batch, v), v);
    const expected = differences(curvature, theta);
    expectClose(grad(along, [x])[0].data, expected, DIFFERENCE_TOLERANCE, "∇(v·Hv)");
  });

  it("erf to 1e-14, and erfc relative to its own size to 1e-13", () => {
    const known = [
      [0, 0, 1],
      [0.1, 0.1124629160182849, 0.8875370839817152],
      [-0.7, -0.6778011938374184, 1.6778011938374184],
      [1, 0.8427007929497149, 0.15729920705028513],
      [1.9999, 0.9953201979070294, 0.004679802092970608],
      [2.0001, 0.9953243313041966, 0.0046756686958033394],
      [-2.5, -0.999593047982555, 1.999593047982555],
      [3, 0.9999779095030014, 2.2090496998585438e-5],
      [5, 0.9999999999984626, 1.5374597944280351e-12],
    ];
    for (const [x, value, complement] of known) {
      expectClose(erf(x), value, 1e-14, `erf ${x}`);
      expectClose(erfc(x), complement, 1e-13, `erfc ${x}`);
    }
  });
});
