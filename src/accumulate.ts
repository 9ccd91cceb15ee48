import type { BoundAlgorithm } from "./algorithms/algorithm.ts";
import { DivergedError, type Guard } from "./guard.ts";
import type { Task } from "./task.ts";
import type { Vector } from "./vector.ts";

/** What {@link accumulate} works with. */
export interface Accumulation {
  readonly algorithm: BoundAlgorithm;
  readonly guard: Guard;
  /** Where the algorithm adds the meta-gradient of a task. */
  readonly contribution: Vector;
  /** Where the mean goes. */
  readonly gradient: Vector;
  /** Meta-steps made so far. */
  readonly step: number;
}

/**
 * Leaves the mean meta-gradient over the tasks that count in `gradient`; returns their mean loss. What a task contributes, or a block of
 * tasks that the algorithm takes together, is summed up by itself and added as a whole, in the order of the tasks: the same bits, whoever
 * computes it. A guard that wants to know each task's norm has them one by one.
 */
export function accumulate(
  tasks: readonly Task[],
  { algorithm, guard, contribution, gradient, step }: Accumulation,
): { loss: number; diverged: number } {
  const { together } = algorithm;
  const scale = 1 / tasks.length;
  let [sum, counted, diverged] = [0, 0, 0];
  gradient.fill(0);
  for (let i = 0, count = 0; i < tasks.length; i += count) {
    contribution.fill(0);
    count = guard.measures ? 0 : (together?.count(tasks, i) ?? 0);
    if (together && count > 0)
      addBlock(together.metaGradient(tasks.slice(i, i + count), scale, step));
    else {
      addTask(algorithm.metaGradient(tasks[i], scale, step));
      count = 1;
    }
  }
  if (counted === 0)
    throw new DivergedError(step, `${diverged} that do`, "a task that does not diverge");
  if (counted < tasks.length) gradient.multiple(tasks.length / counted, gradient);
  return { loss: sum / counted, diverged };

  function addBlock(losses: ArrayLike<number>): void {
    for (let t = 0; t < losses.length; t++) sum += losses[t];
    counted += losses.length;
    gradient.axpy(1, contribution);
  }

  function addTask(loss: number): void {
    const norm = guard.measures ? tasks.length * contribution.norm() : 0;
    const factor = guard.factor(loss, norm, step);
    if (factor !== 1) diverged++;
    if (factor === 0) return;
    sum += loss;
    counted++;
    gradient.axpy(factor, contribution);
  }
}
