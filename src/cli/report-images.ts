import type { Outcome } from "./judge.ts";
import { measures } from "./measure.ts";
import { card, escape, note } from "./page.ts";
import { count, stepName } from "./print.ts";
import { protocolNotes } from "./protocols.ts";
import type {
  Confusion,
  ImageTasks,
  Pair,
  Protocol,
  ReportPart,
  SampleTask,
} from "./report-data.ts";

/** Held-out tasks of images: some drawn, which classes are mixed up in all of them, and both protocols of batch norm. */
export const imageCards = (
  { outcome, group }: ReportPart,
  { samples, confusion, protocols }: ImageTasks,
): string =>
  [
    tasksCard(samples, group, outcome),
    confusionCard(confusion, outcome),
    protocolsCard(protocols, outcome),
  ].join("\n");

/** A, B, C …: the classes of a task, in its order; – for none of them. */
function letter(way: number): string {
  if (way < 0) return "–";
  const last = String.fromCharCode(65 + (way % 26));
  return way < 26 ? last : `${letter(Math.floor(way / 26) - 1)}${last}`;
}

function tasksCard(samples: readonly SampleTask[], group: string, outcome: Outcome): string {
  const text = `On top of each column a class and what the network is given of it; below, images that it is to name, and what it takes them for before and after ${count(outcome.innerSteps, "gradient step")}.`;
  const key = `<ul class="key"><li>${verdict(true, "A")} taken for A, rightly</li><li>${verdict(false, "B")} taken for B, wrongly</li><li>before → after adapting</li></ul>`;
  const tasks = samples.map(sampleTask).join("\n");
  const title = `${count(samples.length, `held-out ${group}`)}, before and after`;
  return card(
    "held-out",
    title,
    `${note(text)}\n${key}\n<div class="episodes" style="--ways:${samples[0].ways.length}">${tasks}</div>`,
  );
}

function sampleTask({ ways, rows, rightBefore, rightAfter }: SampleTask, index: number): string {
  const columns = ways.map(({ name, support, query }, way) => {
    const known = support.map((image) => picture(image, `given: ${name}`)).join("");
    const asked = query.map(({ image, before, after }) => {
      const said = `to name: ${name}; before ${letter(before)}, after ${letter(after)}`;
      const words = `${verdict(before === way, letter(before))} → ${verdict(after === way, letter(after))}`;
      return `<figure>${picture(image, said)}<figcaption>${words}</figcaption></figure>`;
    });
    return `<div class="way"><h4 title="${escape(name)}"><b>${letter(way)}</b> ${escape(name)}</h4><div class="given">${known}</div><div>${asked.join("")}</div></div>`;
  });
  return `<div class="episode"><h3>Task ${index + 1}</h3><p>right: ${rightBefore} → <b>${rightAfter}</b> of ${count(rows, "image")}</p>
<div class="scroll"><div class="ways" style="--ways:${ways.length}">${columns.join("\n")}</div></div></div>`;
}

const picture = (address: string, words: string): string =>
  `<img src="${address}" alt="${escape(words)}">`;

/** Told by a sign, not by color alone. */
const verdict = (right: boolean, name: string): string =>
  `<span class="${right ? "right" : "wrong"}">${right ? "✓" : "✗"}&#8239;${name}</span>`;

function confusionCard({ rows, before, after, pairs }: Confusion, outcome: Outcome): string {
  const missing = [before, after].some((counts) => total(counts.flat()) < rows);
  const none = missing ? " Images that got no answer, for the outputs were NaN, are left out." : "";
  const text = `All ${count(rows, "image")} to name of the ${outcome.groups.length} held-out tasks: a line for each true class of a task, a column for what it was taken for. A is whichever class comes first in its task, so what matters is the diagonal.${none}`;
  const tables = `<div class="matrices" style="--ways:${before.length}">${matrix("before", "Before adapting", before)}${matrix("after", `After ${count(outcome.innerSteps, "step")}`, after)}</div>`;
  return card("confusion", "Right or mixed up?", `${note(text)}\n${tables}\n${pairsTable(pairs)}`);
}

const total = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);

function matrix(id: string, title: string, counts: Confusion["before"]): string {
  const head = counts.map((_, way) => `<th>${letter(way)}</th>`).join("");
  const lines = counts.map((line, way) => {
    const all = total(line);
    const cells = line.map((value, other) => {
      const share = Math.round((100 * value) / Math.max(all, 1));
      return `<td${other === way ? ' class="diagonal"' : ""} style="--share:${share}%">${value}</td>`;
    });
    return `<tr><th>${letter(way)}</th>${cells.join("")}</tr>`;
  });
  return `<div class="scroll"><h3>${escape(title)}</h3><table class="matrix" data-table="confusion-${id}"><thead><tr><th><small>true ↓ taken for →</small></th>${head}</tr></thead><tbody>${lines.join("\n")}</tbody></table></div>`;
}

function pairsTable(pairs: readonly Pair[]): string {
  if (pairs.length === 0) return note("No image was taken for another class after adapting.");
  const lines = pairs.map(
    ({ actual, predicted, count: times, of }) =>
      `<tr><td>${escape(actual)}</td><td class="text">${escape(predicted)}</td><td>${times} of ${of}</td></tr>`,
  );
  return `<h3 class="below">Most often mixed up, after adapting</h3>
<div class="scroll"><table data-table="pairs"><thead><tr><th>an image of</th><th class="text">was taken for</th><th>when both stood in its task</th></tr></thead><tbody>${lines.join("\n")}</tbody></table></div>`;
}

function protocolsCard(
  protocols: readonly Protocol[],
  { steps, innerSteps, measure, groups }: Outcome,
): string {
  if (protocols.length === 0) return "";
  const text =
    "Batch norm needs the mean and spread of some images. Inductive: those of the images that were given, so that every other image is judged by itself. " +
    "Transductive: those of the images to name, all at once, so that they help each other; much of the literature reports this. " +
    `Accuracy in percent on the same ${groups.length} tasks.`;
  const { value, half } = measures[measure].figures([]);
  const mark = (step: number) => (step === innerSteps ? ` class="mark"` : "");
  const head = steps.map((step) => `<th${mark(step)}>${stepName(step)}</th>`).join("");
  const lines = protocols.map(({ name, own, errors, intervals }) => {
    const cells = steps.map(
      (step, s) => `<td${mark(step)}>${value(errors[s])} <i>± ${half(intervals[s])}</i></td>`,
    );
    const said = `${protocolNotes[name]}${own ? "; so it was trained, and so are all figures above" : ""}`;
    return `<tr><td>${name}<small>${escape(said)}</small></td>${cells.join("")}</tr>`;
  });
  const table = `<div class="scroll"><table data-table="protocols"><thead><tr><th>protocol</th>${head}</tr></thead><tbody>${lines.join("\n")}</tbody></table></div>`;
  return card("protocols", "Alone or together?", `${note(text)}\n${table}`);
}
