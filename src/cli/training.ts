import {
  DivergedError,
  type Learner,
  metaTrain,
  type TaskDistribution,
  type TrainOptions,
} from "../index.ts";
import { addLoss, type CurveState } from "./curve.ts";
import { endings } from "./endings.ts";
import { Failure, Interrupted } from "./errors.ts";
import { writeWhole } from "./files.ts";
import { emit } from "./print.ts";
import { LastGood } from "./last-good.ts";
import { progressBar } from "./progress.ts";
import { Team, type Threads } from "./threads.ts";

export interface TrainingRun {
  readonly learner: Learner;
  readonly train: TaskDistribution;
  /** Meta-steps when all is done, those before a resume included. */
  readonly steps: number;
  readonly metaBatch: number;
  readonly curve: CurveState;
  readonly label: string;
  readonly json: boolean;
  /** Default: this one alone. */
  readonly threads?: Threads | undefined;
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
  const { checkpoint, learner, steps, metaBatch, threads = 1 } = run;
  const safe = checkpoint && new LastGood(steps, checkpoint.save);
  const team = threads === 1 ? undefined : await Team.of(threads, metaBatch);
  const { signal, release } = onCtrlC();
  try {
    await loop(run, { signal, pool: team }, safe);
  } catch (error) {
    if (!signal.aborted) throw diverged(run, safe, error);
  } finally {
    release();
    await team?.close();
  }
  if (learner.step < steps) throw interrupted(run);
}

/**
 * Aborts at the first Ctrl-C, or what else ends a run. For a second after it others are not heard: npx and npm pass on the one that the terminal
 * has sent already. One that comes later ends the process on the spot.
 */
function onCtrlC(): { signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const off = () => endings.forEach((ending) => process.off(ending, abort));
  const abort = () => {
    if (stop.signal.aborted) return;
    stop.abort();
    setTimeout(off, 1000).unref();
  };
  for (const ending of endings) process.on(ending, abort);
  return { signal: stop.signal, release: () => void (stop.signal.aborted || off()) };
}

async function loop(
  run: TrainingRun,
  terms: Pick<TrainOptions, "signal" | "pool">,
  safe?: LastGood,
): Promise<void> {
  const { learner, train, steps, metaBatch, curve, label, json } = run;
  const options = { steps: steps - learner.step, metaBatchSize: metaBatch, ...terms };
  const bar = progressBar(label, steps, learner.step, json);
  const every = Math.max(1, Math.round(steps / 100));
  let shown = 0;
  try {
    for await (const { step, loss, tasksPerSecond } of metaTrain(learner, train, options)) {
      addLoss(curve, step, loss);
      safe?.passed(step);
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

function diverged({ checkpoint, label }: TrainingRun, safe: LastGood | undefined, error: unknown) {
  if (!(error instanceof DivergedError)) return error;
  const because = (kept: string) =>
    new Failure(`${error.message}; ${kept}; try a lower --inner-rate or --meta-rate`, {
      cause: error,
    });
  if (!checkpoint) return because(`that was the ${label.trim()}; nothing more was written`);
  const { snapshot } = safe!;
  if (!snapshot) return because("no state to keep yet, nothing was written");
  writeWhole(checkpoint.path, snapshot.bytes);
  return because(`the last good state, of step ${snapshot.step}, is in ${checkpoint.path}`);
}

function interrupted({ checkpoint, learner, steps, label }: TrainingRun): Interrupted {
  const where = `step ${learner.step} of ${steps}`;
  if (!checkpoint)
    return new Interrupted(`stopped at ${where} of the ${label.trim()}; nothing more was written`);
  writeWhole(checkpoint.path, checkpoint.save());
  return new Interrupted(
    `stopped at ${where}; the state is in ${checkpoint.path}; go on with: ${checkpoint.resume}`,
  );
}
