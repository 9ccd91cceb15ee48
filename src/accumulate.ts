import type { BoundAlgorithm } from "./algorithms/algorithm.ts";
import { refuseWords } from "./check.ts";
import { divergence, type Guard } from "./guard.ts";
import type { Task } from "./task.ts";
import type { Vector } from "./vector.ts";

/** What a meta-batch comes to. */
export interface Mean {
  /** Mean over the tasks that count of the query loss after adaptation. */
  readonly loss: number;
  /** Tasks that diverged, and were left out or clipped. */
  readonly diverged: number;
}

/** What an {@link Accumulator} works with. */
export interface Accumulation {
  readonly algorithm: BoundAlgorithm;
  readonly guard: Guard;
  /** Where the algorithm adds the meta-gradient of a task. */
  readonly contribution: Vector;
  /** Where the mean goes. */
  readonly gradient: Vector;
}

/**
 * The mean meta-gradient over the tasks that count. What a task contributes, or a block of tasks that the algorithm takes together, is
 * summed up by itself and added as a whole, in the order of the tasks: the same bits, whoever computes it. So its three parts can be had
 * one by one: which tasks are one unit, what a unit contributes, and the sum.
 */
export class Accumulator {
  /** Of the unit at hand. */
  readonly contribution: Vector;
  readonly gradient: Vector;
  private readonly algorithm: BoundAlgorithm;
  private readonly guard: Guard;
  /** Loss of a task by itself. */
  private readonly alone = [0];
  private held = false;
  private where = "";
  private tasks = 0;
  private step = 0;
  private sum = 0;
  private counted = 0;
  private diverged = 0;

  constructor({ algorithm, guard, contribution, gradient }: Accumulation) {
    this.algorithm = algorithm;
    this.guard = guard;
    this.contribution = contribution;
    this.gradient = gradient;
  }

  /** Leaves the mean over these tasks in `gradient`. */
  accumulate(where: string, tasks: readonly Task[], step: number): Mean {
    this.begin(where, tasks.length, step);
    const terms = { scale: 1 / tasks.length, step };
    for (let i = 0; i < tasks.length;) {
      const losses = this.contribute(tasks, i, terms);
      this.add(losses);
      i += losses.length;
    }
    return this.mean();
  }

  /** How many tasks from `start` on are one unit. A matter of the tasks and the model alone. */
  unit(tasks: readonly Task[], start: number): number {
    return this.block(tasks, start) || 1;
  }

  /**
   * Leaves in `contribution` what the unit at `start` contributes.
   *
   * @param terms.scale 1 / tasks of the whole meta-batch
   * @param terms.step meta-steps made so far
   * @returns the losses of its tasks, one each, valid until the next call
   */
  contribute(
    tasks: readonly Task[],
    start: number,
    { scale, step }: { readonly scale: number; readonly step: number },
  ): ArrayLike<number> {
    const { algorithm, alone } = this;
    this.contribution.fill(0);
    const count = this.block(tasks, start);
    if (count > 0)
      return algorithm.together!.metaGradient(tasks.slice(start, start + count), scale, step);
    alone[0] = algorithm.metaGradient(tasks[start], scale, step);
    return alone;
  }

  /**
   * Starts a sum over so many tasks.
   *
   * @throws {RangeError} while another one is held
   */
  begin(where: string, tasks: number, step: number): void {
    if (this.held) refuseWords(where, "to come after what a pool makes of this learner", "another");
    this.where = where;
    this.tasks = tasks;
    this.step = step;
    this.sum = this.counted = this.diverged = 0;
    this.gradient.fill(0);
  }

  /** Starts no other until `release`: between the parts of this one others have their turn. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }

  /**
   * Adds `contribution`, of a unit with those losses, as the guard says.
   *
   * @throws {DivergedError} where its policy is to throw
   */
  add(losses: ArrayLike<number>): void {
    const { guard, contribution, where, tasks, step } = this;
    const norm = guard.measures ? tasks * contribution.norm() : 0;
    const factor = guard.factor(where, losses[0], norm, step);
    if (factor !== 1) this.diverged++;
    if (factor === 0) return;
    for (let t = 0; t < losses.length; t++) this.sum += losses[t];
    this.counted += losses.length;
    this.gradient.axpy(factor, contribution);
  }

  /** Ends the sum: the mean over the tasks that count is in `gradient`. */
  mean(): Mean {
    const { where, sum, counted, diverged, tasks, step, gradient } = this;
    if (counted === 0)
      throw divergence(where, step, `${diverged} that do`, "a task that does not diverge");
    if (counted < tasks) gradient.multiple(tasks / counted, gradient);
    return { loss: sum / counted, diverged };
  }

  /** How many tasks from `start` on the algorithm takes together; 0: it takes one by itself. */
  private block(tasks: readonly Task[], start: number): number {
    return this.algorithm.together?.count(tasks, start) ?? 0;
  }
}
