import { checkNumber, checkOneOf } from "./check.ts";

/** What becomes of a task that diverges. */
export type DivergencePolicy = "throw" | "skip" | "clip";

/** Gradients from here on count as diverged: their squares, which Adam keeps, overflow f32. */
export const MAX_NORM = 1.8e19;

/** Watches the tasks of a meta-step. */
export class Guard {
  readonly policy: DivergencePolicy;
  /** The largest norm of a task's meta-gradient, where one is set. */
  readonly maxTaskNorm: number | undefined;

  /**
   * @throws {RangeError} `createLearner: expected maxTaskNorm > 0, got 0`
   */
  constructor(policy: DivergencePolicy, maxTaskNorm: number | undefined) {
    checkOneOf("createLearner", "onDivergence", policy, ["throw", "skip", "clip"]);
    if (maxTaskNorm !== undefined || policy === "clip")
      checkNumber("createLearner", "maxTaskNorm", maxTaskNorm, { above: 0 });
    this.policy = policy;
    this.maxTaskNorm = maxTaskNorm;
  }

  /** Whether it wants to know a task's norm: a meta-step whose sum is checked anyway can do without. */
  get measures(): boolean {
    return this.policy !== "throw" || this.maxTaskNorm !== undefined;
  }

  /**
   * What a task's meta-gradient of that norm counts for: 1, less where it is clipped, 0 where it is left out.
   *
   * @throws {DivergedError} where the policy says so
   */
  factor(where: string, loss: number, norm: number, step: number): number {
    if (!this.measures) return 1;
    const bound = Math.min(this.maxTaskNorm ?? MAX_NORM, MAX_NORM);
    if (Number.isFinite(loss) && norm <= bound) return 1;
    const finite = Number.isFinite(loss) && Number.isFinite(norm);
    if (this.policy === "throw" && finite)
      throw divergence(where, step, `${norm}`, `a norm of each task's gradient ≤ ${bound}`);
    if (this.policy === "throw")
      throw divergence(where, step, `a task with loss ${loss} and a gradient of norm ${norm}`);
    return this.policy === "clip" && finite ? bound / norm : 0;
  }
}

/**
 * Training went wrong at a meta-step: a loss, gradient or updated parameter not finite (for a gradient, a norm of 1.8e19), a task over
 * `maxTaskNorm` where the policy is to throw, or no task left where it is another. The learner is as it was before that step.
 */
export class DivergedError extends Error {
  /** Meta-steps that went well before it. */
  readonly step: number;

  constructor(message: string, step: number) {
    super(message);
    this.name = "DivergedError";
    this.step = step;
  }
}

/** The error of a meta-step that went wrong, after `step` that went well. */
export const divergence = (
  where: string,
  step: number,
  got: string,
  expected = "finite loss and gradient",
): DivergedError =>
  new DivergedError(`${where}: expected ${expected}, got ${got} at meta-step ${step + 1}`, step);
