import type { Learner, Task } from "../../src/index.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "../close.ts";
import { type MetaGradient, mean } from "../oracle/meta.ts";
import { type Case, expectedOf } from "./cases.ts";

/** f32 through several steps against f64: most are at 3e-7, the worst (Meta-SGD ahead of batch norm) at 1.3e-5. */
export const TOLERANCE = 2e-5;

/** A rounding or two more or less of each number. */
export const ROUNDING = 3e-7;

/** φ as f32 holds it: within half an ulp. In a difference that is small beside θ this is more than GRADIENT_TOLERANCE. */
const HALF_ULP = 2 ** -24;

/** Holds the meta-gradient of each task, and that of all together, against the oracle's: θ's part and the algorithm's own. */
export function expectGradients(each: Case, learner: Learner, tasks: readonly Task[]): void {
  const n = learner.parameters.length;
  const singles = tasks.map((task) => expectedOf(each, learner, [task]));
  const whole = mean(tasks, (task) => singles[tasks.indexOf(task)]);
  const check = (some: readonly Task[], expected: MetaGradient) => {
    const { loss, gradient, diverged } = learner.metaGradient(some);
    const tolerance = toleranceOf(each, learner, expected);
    const rows = some.map(({ support, query }) => `${support.rows} + ${query.rows}`).join(", ");
    expectClose(loss, expected.loss, LOSS_TOLERANCE, `loss of ${rows} rows`);
    const parts = [gradient, expected.gradient].map((all) => [all.subarray(0, n), all.subarray(n)]);
    expectClose(parts[0][0], parts[1][0], tolerance, `d loss/dθ of ${rows} rows`);
    expectClose(parts[0][1], parts[1][1], tolerance, `d loss/d own of ${rows} rows`);
    if (diverged !== 0) throw new Error(`${diverged} tasks diverged`);
  };
  tasks.forEach((task, i) => check([task], singles[i]));
  check(tasks, whole);
}

/** A solver that stops at a relative residual is as far off as that and the conditioning of its system say: at these λ, a few times. */
function toleranceOf(
  { difference, options }: Case,
  { parameters }: Learner,
  expected: MetaGradient,
): number {
  if (options.tolerance !== undefined) return TOLERANCE + 4 * options.tolerance;
  if (!difference) return TOLERANCE;
  return GRADIENT_TOLERANCE + (HALF_ULP * size(parameters)) / size(expected.gradient);
}

const size = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
