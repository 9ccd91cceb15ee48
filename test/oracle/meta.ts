/**
 * What the library computes by hand-written passes, here by plain automatic differentiation in f64.
 * Parameters and results are flat, in the layout of network.ts; any list of numbers is taken, a
 * Float64Array is given back.
 */
import { add, detach, div, grad, mul, sub, sum, tensor } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { fixedTensors, forward, layersOf, loss as lossOf } from "./network.ts";
import type { AnyModel, Batch, LossName, Model } from "./network.ts";

export interface Objective<M extends AnyModel = Model> {
  readonly model: M;
  readonly loss: LossName;
}

export interface Task {
  readonly support: Batch;
  readonly query: Batch;
}

export interface InnerLoop {
  readonly innerLearningRate: number;
  readonly innerSteps: number;
}

export interface MetaGradient {
  /**
   * Mean over the tasks of what the algorithm reports: the query loss after adaptation, or the
   * joint loss.
   */
  readonly loss: number;
  /** Mean over the tasks. */
  readonly gradient: Float64Array;
}

export type Vector = ArrayLike<number>;

/** Outputs, rows×outSize, for inputs rows×inSize. With batch norm the rows are one batch. */
export function predict(model: AnyModel, parameters: Vector, inputs: Vector): Float64Array {
  const { inSize } = layersOf(model);
  return forward(model, flat(parameters), tensor(inputs.length / inSize, inSize, inputs)).data;
}

/** L(θ; batch). */
export function loss(
  { model, loss }: Objective<AnyModel>,
  parameters: Vector,
  batch: Batch,
): number {
  return lossOf(model, loss, flat(parameters), batch).data[0];
}

/** ∇L(θ; batch). */
export function gradient(
  objective: Objective<AnyModel>,
  parameters: Vector,
  batch: Batch,
): Float64Array {
  return slope(objective, flat(parameters), batch).data;
}

/** ∇²L(θ; batch)·v = ∇(∇L(θ; batch)·v). */
export function hvp(
  objective: Objective<AnyModel>,
  parameters: Vector,
  batch: Batch,
  v: Vector,
): Float64Array {
  const theta = flat(parameters);
  return grad(sum(mul(slope(objective, theta, batch), flat(v))), [theta])[0].data;
}

/** φ = θ_K, with θ₀ = θ and θₖ₊₁ = θₖ − α ∇L(θₖ; support). */
export function adapt(
  objective: Objective,
  parameters: Vector,
  support: Batch,
  inner: InnerLoop,
): Float64Array {
  return unrolled(objective, flat(parameters), support, inner, 1).data;
}

/**
 * d L(θ_K(θ); query)/dθ by differentiating through the whole inner loop; order 1 takes each ∇L(θₖ)
 * as a constant.
 */
export function mamlGradient(
  objective: Objective,
  parameters: Vector,
  tasks: readonly Task[],
  { order, ...inner }: InnerLoop & { readonly order: 1 | 2 },
): MetaGradient {
  return mean(tasks, ({ support, query }) => {
    const theta = flat(parameters);
    const adapted = unrolled(objective, theta, support, inner, order);
    const queryLoss = lossOf(objective.model, objective.loss, adapted, query);
    return { loss: queryLoss.data[0], gradient: grad(queryLoss, [theta])[0].data };
  });
}

/** θ − φ, φ from the support rows; the loss is that of the query rows at φ. */
export function reptileGradient(
  objective: Objective,
  parameters: Vector,
  tasks: readonly Task[],
  inner: InnerLoop,
): MetaGradient {
  return mean(tasks, ({ support, query }) => {
    const adapted = adapt(objective, parameters, support, inner);
    return {
      loss: loss(objective, adapted, query),
      gradient: adapted.map((phi, i) => parameters[i] - phi),
    };
  });
}

/**
 * ∇ of (nₛ L(θ; support) + n_q L(θ; query))/(nₛ + n_q), n the numbers of rows or the sums of their
 * weights: the mean over all rows. Two passes: with batch norm each of the batches is normalized by
 * itself.
 */
export function jointGradient(
  objective: Objective,
  parameters: Vector,
  tasks: readonly Task[],
): MetaGradient {
  return mean(tasks, (task) => {
    const theta = flat(parameters);
    const joint = jointLoss(objective, theta, task);
    return { loss: joint.data[0], gradient: grad(joint, [theta])[0].data };
  });
}

/** The mean over all rows of a task, as a tensor. */
export function jointLoss(
  { model, loss }: Objective<AnyModel>,
  theta: Tensor,
  { support, query }: Task,
): Tensor {
  const [a, b] = [support, query].map((batch) =>
    mul(lossOf(model, loss, theta, batch), weightOf(batch)),
  );
  return div(add(a, b), weightOf(support) + weightOf(query));
}

function weightOf({ rows, weights }: Batch): number {
  return weights ? Array.from(weights).reduce((sum, weight) => sum + weight, 0) : rows;
}

/** φ as a tensor that still depends on θ. No step changes what does not adapt. */
function unrolled(
  objective: Objective,
  theta: Tensor,
  support: Batch,
  { innerLearningRate, innerSteps }: InnerLoop,
  order: 1 | 2,
): Tensor {
  const free = new Float64Array(theta.cols).fill(1);
  for (const { offset, rows, cols } of fixedTensors(objective.model))
    free.fill(0, offset, offset + rows * cols);
  const rates = mul(flat(free), innerLearningRate);
  let adapted = theta;
  for (let k = 0; k < innerSteps; k++) {
    const step = slope(objective, adapted, support);
    adapted = sub(adapted, mul(order === 1 ? detach(step) : step, rates));
  }
  return adapted;
}

export function slope({ model, loss }: Objective<AnyModel>, theta: Tensor, batch: Batch): Tensor {
  return grad(lossOf(model, loss, theta, batch), [theta])[0];
}

export function mean<T extends Task>(
  tasks: readonly T[],
  each: (task: T) => MetaGradient,
): MetaGradient {
  const results = tasks.map(each);
  const average = (pick: (result: MetaGradient) => number) =>
    results.reduce((total, result) => total + pick(result), 0) / results.length;
  return {
    loss: average((result) => result.loss),
    gradient: results[0].gradient.map((_, i) => average((result) => result.gradient[i])),
  };
}

export function flat(values: Vector): Tensor {
  return tensor(1, values.length, values);
}
