import type { Outcome } from "./judge.ts";
import { measures, measureTitle } from "./measure.ts";
import { card, escape, note, page } from "./page.ts";
import { errorPlot, methodColors, trainingPlot } from "./plots.ts";
import { count, plural, stepName } from "./print.ts";
import type { ReportPart } from "./report-data.ts";
import { imageCards } from "./report-images.ts";
import { panelCards } from "./report-panels.ts";

/** A page that stands alone: style and drawings are in it, and it asks for nothing from outside. */
export async function report(parts: readonly ReportPart[]): Promise<string> {
  const sections = await Promise.all(parts.map((part, i) => section(part, i)));
  const footer = `<footer>Made by rvml. All figures come from this one run; the same seed gives the same figures again.</footer>`;
  return page(parts.map(({ title }) => title).join(" · "), [...sections, footer].join("\n"));
}

async function section(part: ReportPart, index: number): Promise<string> {
  return `<section class="part" id="part-${index + 1}">
<h1>${escape(part.title)}</h1>
<p class="lead">${escape(part.lead)}</p>
${tiles(part)}
${await errors(part)}
${await heldOut(part)}
${await training(part)}
${words(part)}
${settings(part)}
</section>`;
}

/** The errors after the steps that were trained for, the learned start first. */
function tiles({ outcome, unit, group }: ReportPart): string {
  const at = outcome.steps.indexOf(outcome.innerSteps);
  const { figures, better, suffix } = measures[outcome.measure];
  const { value } = figures(outcome.methods.map(({ errors }) => errors[at]));
  const tile = ({ name, errors }: Outcome["methods"][number], i: number) =>
    `<div class="tile${i === 0 ? " best" : ""}"><b>${value(errors[at])}${suffix}</b><span>${escape(name)}</span></div>`;
  const caption = `${measureTitle(outcome.measure, unit)} on ${count(outcome.groups.length, `held-out ${group}`)} after ${count(outcome.innerSteps, "step")} of adapting; ${better}.`;
  return `<div class="tiles">${outcome.methods.map(tile).join("")}</div>\n<p class="note below">${escape(caption)}</p>`;
}

async function errors({ outcome, unit, judged }: ReportPart): Promise<string> {
  return card(
    "errors",
    "How good after how many steps?",
    `${note(judged)}\n<div class="chart">${await errorPlot(outcome, unit)}</div>\n${errorTable(outcome)}`,
  );
}

function errorTable({ methods, steps, innerSteps, measure }: Outcome): string {
  const { value, half } = measures[measure].figures(methods.flatMap(({ errors }) => errors));
  const mark = (step: number) => (step === innerSteps ? ` class="mark"` : "");
  const head = steps.map((step) => `<th${mark(step)}>${stepName(step)}</th>`).join("");
  const rows = methods.map(({ name, note, errors, intervals }, i) => {
    const swatch = `<span class="swatch" style="background:${methodColors[i]}"></span>`;
    const cell = (step: number, s: number) =>
      `<td${mark(step)}>${value(errors[s])} <i>± ${half(intervals[s])}</i></td>`;
    return `<tr><td>${swatch}${escape(name)}<small>${escape(note)}</small></td>${steps.map(cell).join("")}</tr>`;
  });
  return `<div class="scroll"><table data-table="errors"><thead><tr><th>method</th>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>
<p class="note below">± is the 95 % interval over the held-out tasks. The shaded column is the number of steps that the start was trained for.</p>`;
}

async function heldOut(part: ReportPart): Promise<string> {
  const { pictures } = part;
  return pictures.kind === "panels" ? panelCards(part, pictures) : imageCards(part, pictures);
}

async function training({ curve, loss, row }: ReportPart): Promise<string> {
  if (curve.length < 2) return "";
  const text =
    "Each meta-step draws a few training tasks, adapts to each, and moves the shared start so that adapting works better the next time. " +
    `The curve is the loss on the tasks' query ${plural(row)} after adapting (${loss}; logarithmic scale).`;
  return card(
    "training",
    "Meta-training",
    `${note(text)}\n<div class="chart">${await trainingPlot(curve)}</div>`,
  );
}

function words({ group, row, shots, pictures }: ReportPart): string {
  const few = pictures.kind === "images" ? `${count(shots, row)} of each class` : count(shots, row);
  const list: [string, string][] = [
    [
      "task",
      `one small learning problem${group === "task" ? "; here, a few classes to tell apart" : `; here, one ${group}`}`,
    ],
    ["support", `the ${few} of a task that the network adapts on`],
    ["query", `the other ${plural(row)} of the same task, by which the result is judged`],
    [
      "adapt",
      `a few steps of gradient descent on the support ${plural(row)}, from the learned start`,
    ],
    [
      "meta-learned",
      "a start from which those few steps work well, found over many training tasks",
    ],
  ];
  const body = list.map(([word, text]) => `<dt>${word}</dt><dd>${escape(text)}</dd>`).join("");
  return card("words", "The words", `<dl class="words">${body}</dl>`);
}

function settings({ settings }: ReportPart): string {
  const rows = settings.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  return card("settings", "How it was made", `<dl>${rows.join("")}</dl>`);
}
