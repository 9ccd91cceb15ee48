/** Reptile with Adam inside, step by step in f64. Declared anew from the paper; shares nothing with src/. */
import { gradient, loss } from "./meta.ts";
import type { MetaGradient, Objective, Task } from "./meta.ts";
import type { Batch } from "./network.ts";

export interface InnerAdam {
  readonly innerSteps: number;
  /** Rows a step, counted round and round. */
  readonly innerBatchSize: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** φ: θ after K steps of Adam (Kingma, Ba 2015, algorithm 1) from zero moments, each on the next rows of the support set. */
export function adamAdapt(
  objective: Objective,
  parameters: ArrayLike<number>,
  support: Batch,
  { innerSteps, innerBatchSize, learningRate, beta1, beta2, epsilon }: InnerAdam,
): Float64Array {
  const phi = Float64Array.from(parameters);
  const [m, v] = [new Float64Array(phi.length), new Float64Array(phi.length)];
  for (let t = 1; t <= innerSteps; t++) {
    const g = gradient(objective, phi, rowsOf(support, (t - 1) * innerBatchSize, innerBatchSize));
    for (let i = 0; i < phi.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2;
      const [mean, variance] = [m[i] / (1 - beta1 ** t), v[i] / (1 - beta2 ** t)];
      phi[i] -= (learningRate * mean) / (Math.sqrt(variance) + epsilon);
    }
  }
  return phi;
}

/** Mean over the tasks of θ − φ, and of the query loss at φ. */
export function adamReptileGradient(
  objective: Objective,
  parameters: ArrayLike<number>,
  tasks: readonly Task[],
  inner: InnerAdam,
): MetaGradient {
  const sum = { loss: 0, gradient: new Float64Array(parameters.length) };
  for (const { support, query } of tasks) {
    const phi = adamAdapt(objective, parameters, support, inner);
    sum.loss += loss(objective, phi, query) / tasks.length;
    sum.gradient.forEach((_, i) => {
      sum.gradient[i] += (parameters[i] - phi[i]) / tasks.length;
    });
  }
  return sum;
}

function rowsOf(batch: Batch, start: number, count: number): Batch {
  const indices = Array.from({ length: count }, (_, i) => (start + i) % batch.rows);
  const pick = (values: ArrayLike<number>) => {
    const size = values.length / batch.rows;
    return indices.flatMap((row) => Array.from(values).slice(row * size, (row + 1) * size));
  };
  return {
    inputs: pick(batch.inputs),
    targets: pick(batch.targets),
    rows: count,
    ...(batch.weights && { weights: pick(batch.weights) }),
  };
}
