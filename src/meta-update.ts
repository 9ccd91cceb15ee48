import type { Mean } from "./accumulate.ts";
import { divergence, MAX_NORM } from "./guard.ts";
import type { BoundOptimizer } from "./optimizers/optimizer.ts";
import { Vector } from "./vector.ts";

/** The meta-optimizer's steps, each taken back if it leaves anything not finite. */
export class MetaUpdate {
  private readonly optimizer: BoundOptimizer;
  private readonly meta: Vector;
  /** What an update changes, and room for what it was before. */
  private readonly undo: readonly { readonly live: Vector; readonly before: Vector }[];

  constructor(meta: Vector, optimizer: BoundOptimizer) {
    this.meta = meta;
    this.optimizer = optimizer;
    this.undo = [meta, ...Object.values(optimizer.state)].map((live) => ({
      live,
      before: Vector.allocate(meta.memory, live.length, "metaOptimizer"),
    }));
  }

  /**
   * One step along the mean meta-gradient.
   *
   * @throws {DivergedError} loss, gradient or result not finite: then nothing has changed
   */
  make({ loss }: Mean, gradient: Vector, step: number): void {
    if (!Number.isFinite(loss)) throw divergence("metaStep", step, `loss ${loss}`);
    const norm = gradient.norm();
    if (!(norm < MAX_NORM)) throw divergence("metaStep", step, `a gradient of norm ${norm}`);
    const { optimizer, meta, undo } = this;
    const made = optimizer.step;
    for (const { live, before } of undo) before.copy(live);
    optimizer.update(meta, gradient);
    if (Number.isFinite(meta.dot(meta))) return;
    for (const { live, before } of undo) live.copy(before);
    optimizer.step = made;
    throw divergence("metaStep", step, "parameters that are not");
  }
}
