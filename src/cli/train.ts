import { writeWhole } from "./files.ts";
import { count, emit } from "./print.ts";
import { prepare, type TrainOptions } from "./prepare.ts";
import { resume } from "./resume.ts";
import { type Saved, saveWith } from "./saved.ts";
import { transductive } from "./settings-words.ts";
import { showTrial, writeReport } from "./show.ts";
import { runTraining } from "./training.ts";
import { trial } from "./trial.ts";

/** `rvml train`: meta-trains, writes the model, judges it, writes the report. */
export async function train(data: string, options: TrainOptions): Promise<void> {
  const run = options.resume
    ? await resume(data, options.resume, options)
    : await prepare(data, options);
  const { learner, source, settings, curve } = run;
  const { out, json = false, threads } = options;
  if (!json) console.log(`${source.words.intro}\n`);
  if (!json && settings.norm === "batch") console.log(`${transductive(settings)}\n`);
  const saved: Saved = { version: 1, settings, source: source.record, curve };
  const save = () => saveWith(learner, saved);
  await runTraining({
    learner,
    train: source.train,
    steps: settings.steps,
    metaBatch: settings.metaBatch,
    curve,
    label: "meta-training",
    json,
    threads,
    checkpoint: { path: out, save, resume: `rvml train ${quoted(data)} --resume ${quoted(out)}` },
  });
  writeWhole(out, save());
  if (json) emit("saved", { path: out, step: learner.step });
  else {
    const tasks = count(source.heldOut.length, `held-out ${source.words.group}`);
    console.log(`The model is in ${out}. Next, it and the baselines are judged on ${tasks}.`);
  }
  const { outcome, part } = await trial(learner, source, settings, curve, json);
  showTrial(outcome, part, json);
  if (options.report) await writeReport(options.report, [part], json);
}

/** As a POSIX shell reads it back. */
const quoted = (path: string) =>
  /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
