import { count, plural, stepName, writer } from "./print.ts";
import { card, escape, note, page } from "./page.ts";
import { errorPlot, methodColors, panelPlot, trainingPlot } from "./plots.ts";
import type { Outcome } from "./judge.ts";
import type { Panel, ReportPart } from "./report-data.ts";

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
  const figure = writer(outcome.methods.map(({ errors }) => errors[at]));
  const tile = ({ name, errors }: Outcome["methods"][number], i: number) =>
    `<div class="tile${i === 0 ? " best" : ""}"><b>${figure(errors[at])}</b><span>${escape(name)}</span></div>`;
  const caption = `${measureName(outcome, unit)} on ${outcome.groups.length} held-out ${plural(group)} after ${count(outcome.innerSteps, "step")} of adapting; lower is better.`;
  return `<div class="tiles">${outcome.methods.map(tile).join("")}</div>\n<p class="note below">${escape(caption)}</p>`;
}

const measureName = ({ measure }: Outcome, unit: string) =>
  `${measure === "RMSE" ? "Root-mean-square" : "Mean squared"} error (${measure}${unit && `, ${unit}`})`;

async function errors({ outcome, unit, group, shots }: ReportPart): Promise<string> {
  const text = `Each ${group} here was kept away from training. ${shots} of its rows ${shots === 1 ? "is" : "are"} given to adapt on; the error is counted on its other rows.`;
  return card(
    "errors",
    "How good after how many steps?",
    `${note(text)}\n<div class="chart">${await errorPlot(outcome, unit)}</div>\n${errorTable(outcome)}`,
  );
}

function errorTable({ methods, steps, innerSteps }: Outcome): string {
  const figure = writer(methods.flatMap(({ errors }) => errors));
  const mark = (step: number) => (step === innerSteps ? ` class="mark"` : "");
  const head = steps.map((step) => `<th${mark(step)}>${stepName(step)}</th>`).join("");
  const rows = methods.map(({ name, note, errors, intervals }, i) => {
    const swatch = `<span class="swatch" style="background:${methodColors[i]}"></span>`;
    const cell = (step: number, s: number) =>
      `<td${mark(step)}>${figure(errors[s])} <i>± ${figure(intervals[s])}</i></td>`;
    return `<tr><td>${swatch}${escape(name)}<small>${escape(note)}</small></td>${steps.map(cell).join("")}</tr>`;
  });
  return `<div class="scroll"><table data-table="errors"><thead><tr><th>method</th>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>
<p class="note below">± is the 95 % interval over the held-out tasks. The shaded column is the number of steps that the start was trained for.</p>`;
}

async function heldOut({ panels, group, shots, outcome }: ReportPart): Promise<string> {
  if (panels.length === 0) return "";
  const values = panels.flatMap(({ support, query, before, after }) =>
    [support, query, before, after].flatMap((points) => points.map(({ y }) => y)),
  );
  const domain = [Math.min(...values), Math.max(...values)] as const;
  const drawings = await Promise.all(panels.map((panel) => panelPlot(panel, domain)));
  const figures = panels.map((panel, i) => panelFigure(panel, drawings[i], outcome.measure));
  const text = `The network sees the ${count(shots, "given point")}, takes ${count(outcome.innerSteps, "gradient step")}, and predicts the rest.${panels[0].kind === "scatter" ? " There are several inputs, so the drawings show predictions over actual values." : ""}`;
  const title = `${panels.length} held-out ${plural(group)}, before and after`;
  const body = `${note(text)}\n${key(panels[0].kind)}\n<div class="panels">${figures.join("\n")}</div>`;
  return card("held-out", title, body);
}

function panelFigure(panel: Panel, drawing: string, measure: string): string {
  const { name, errorBefore, errorAfter } = panel;
  const figure = writer([errorBefore, errorAfter]);
  return `<div class="panel"><h3>${escape(name)}</h3><p>${measure} ${figure(errorBefore)} → <b>${figure(errorAfter)}</b></p>${drawing}</div>`;
}

const line = (stroke: string) => `<svg width="26" height="12"><path d="M0 6H26" ${stroke}/></svg>`;

const dot = (paint: string, radius = 5) =>
  `<svg width="12" height="12"><circle cx="6" cy="6" r="${radius}" ${paint}/></svg>`;

const item = (sign: string, text: string) => `<li>${sign}${text}</li>`;

function key(kind: Panel["kind"]): string {
  const curve = [
    item(dot(`fill="var(--ink)"`), "given rows (support)"),
    item(dot(`fill="var(--card)" stroke="var(--ink)"`, 3.5), "rows to predict (query)"),
    item(line(`stroke="var(--pooled)" stroke-width="2" stroke-dasharray="4 3"`), "before adapting"),
    item(line(`stroke="var(--learned)" stroke-width="2.5"`), "after adapting"),
  ];
  const scatter = [
    item(dot(`fill="var(--ink)"`), "given rows (support)"),
    item(dot(`fill="none" stroke="var(--pooled)"`, 3.5), "before adapting"),
    item(dot(`fill="var(--learned)"`), "after adapting"),
    item(line(`stroke="var(--grid)" stroke-width="2"`), "perfect: predicted = actual"),
  ];
  return `<ul class="key">${(kind === "curve" ? curve : scatter).join("")}</ul>`;
}

async function training({ curve }: ReportPart): Promise<string> {
  if (curve.length < 2) return "";
  const text =
    "Each meta-step draws a few training tasks, adapts to each, and moves the shared start so that adapting works better the next time. " +
    "The curve is the loss on the tasks' query rows after adapting (mean squared error in standardized units; logarithmic scale).";
  return card(
    "training",
    "Meta-training",
    `${note(text)}\n<div class="chart">${await trainingPlot(curve)}</div>`,
  );
}

function words({ group, shots }: ReportPart): string {
  const list: [string, string][] = [
    ["task", `one small learning problem; here, one ${group}`],
    ["support", `the ${count(shots, "row")} of a task that the network adapts on`],
    ["query", "the other rows of the same task, by which the result is judged"],
    ["adapt", "a few steps of gradient descent on the support rows, from the learned start"],
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
