import { DivergedError, metaTrain } from "../index.ts";
import type { Learner, TaskDistribution } from "../index.ts";
import { addLoss, type CurveState } from "./curve.ts";
import { Failure, Interrupted } from "./errors.ts";
import { writeWhole } from "./files.ts";
import { emit } from "./json.ts";
import { LastGood } from "./last-good.ts";
import { progressBar } from "./progress.ts";

export interface TrainingRun {
  readonly learner: Learner;
  readonly train: TaskDistribution;
  /** Meta-steps when all is done, those before a resume included. */
  readonly steps: number;
  readonly metaBatch: number;
  readonly curve: CurveState;
  readonly label: string;
  readonly json: boolean;
  /** Where the state goes when the run ends early; without it nothing is written. */
  readonly checkpoint?: Checkpoint;
}

export interface Checkpoint {
  readonly path: string;
  /** The command that goes on from it. */
  readonly resume: string;
  save(): Uint8Array;
}

/**
 * Meta-trains to the end. Ctrl-C writes a checkpoint and throws Interrupted. A loss that is not finite writes the last
 * state from which a step went well, and throws Failure.
 */
export async function runTraining(run: TrainingRun): Promise<void> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const safe = new LastGood(run.steps, run.checkpoint?.save ?? (() => new Uint8Array()));
  process.once("SIGINT", abort).once("SIGTERM", abort); // once: a second Ctrl-C ends the process on the spot
  try {
    await loop(run, stop.signal, safe);
  } catch (error) {
    if (!stop.signal.aborted) throw diverged(run, safe, error);
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
  }
  if (run.learner.step < run.steps) throw interrupted(run);
}

async function loop(run: TrainingRun, signal: AbortSignal, safe: LastGood): Promise<void> {
  const { learner, train, steps, metaBatch, curve, label, json } = run;
  const options = { steps: steps - learner.step, metaBatchSize: metaBatch, signal };
  const bar = progressBar(label, steps, learner.step, json);
  const every = Math.max(1, Math.round(steps / 100));
  let shown = 0;
  try {
    for await (const { step, loss, tasksPerSecond } of metaTrain(learner, train, options)) {
      addLoss(curve, step, loss);
      safe.passed(step);
      if (json && step % every === 0)
        emit("step", { phase: label.trim(), step, loss, tasksPerSecond });
      if (performance.now() - shown < 50 && step < steps) continue;
      bar.update(step, loss, tasksPerSecond);
      shown = performance.now();
    }
  } finally {
    bar.stop();
  }
}

function diverged({ checkpoint }: TrainingRun, safe: LastGood, error: unknown): unknown {
  if (!(error instanceof DivergedError)) return error;
  const { snapshot } = safe;
  const advice = "try a lower --inner-rate or --meta-rate";
  if (!checkpoint || !snapshot)
    return new Failure(`${error.message}; no state to keep yet; ${advice}`, { cause: error });
  writeWhole(checkpoint.path, snapshot.bytes);
  const kept = `the last good state, of step ${snapshot.step}, is in ${checkpoint.path}`;
  return new Failure(`${error.message}; ${kept}; ${advice}`, {
    cause: error,
  });
}

function interrupted({ checkpoint, learner, steps }: TrainingRun): Interrupted {
  const where = `stopped at step ${learner.step} of ${steps}`;
  if (!checkpoint) return new Interrupted("stopped before the end; nothing more was written");
  writeWhole(checkpoint.path, checkpoint.save());
  return new Interrupted(
    `${where}; the state is in ${checkpoint.path}; go on with: ${checkpoint.resume}`,
  );
}
