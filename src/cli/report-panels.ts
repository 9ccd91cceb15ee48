import { extent } from "./extent.ts";
import { card, escape, note } from "./page.ts";
import { panelPlot } from "./plots.ts";
import { count, writer } from "./print.ts";
import type { Panel, Panels, ReportPart } from "./report-data.ts";

/** Held-out tasks where a number is predicted: their points, and the predictions before and after adapting. */
export async function panelCards(
  { group, shots, outcome }: ReportPart,
  { panels }: Panels,
): Promise<string> {
  if (panels.length === 0) return "";
  const values = panels.flatMap(({ support, query, before, after }) =>
    [support, query, before, after].flatMap((points) => points.map(({ y }) => y)),
  );
  const domain = extent(values);
  const drawings = await Promise.all(panels.map((panel) => panelPlot(panel, domain)));
  const figures = panels.map((panel, i) => panelFigure(panel, drawings[i], outcome.measure));
  const text = `The network sees the ${count(shots, "given point")}, takes ${count(outcome.innerSteps, "gradient step")}, and predicts the rest.${panels[0].kind === "scatter" ? " There are several inputs, so the drawings show predictions over actual values." : ""}`;
  const title = `${count(panels.length, `held-out ${group}`)}, before and after`;
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
