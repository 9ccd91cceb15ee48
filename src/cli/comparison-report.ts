import type { Compared } from "./compare.ts";
import { type Comparison, type Entry, verdict } from "./comparison.ts";
import { rankingPlot, stepsPlot } from "./comparison-plots.ts";
import { measures, measureTitle } from "./measure.ts";
import { card, escape, note, page } from "./page.ts";
import { count, plural, stepName } from "./print.ts";
import {
  adaptingWords,
  algorithmWords,
  networkWords,
  ownWords,
  trainingWords,
} from "./settings-words.ts";
import { figuresOf, occasion, stepColumns, verdictWords } from "./show-comparison.ts";
import type { Source, Words } from "./source.ts";

/** A page that stands alone: style and drawings are in it, and it asks for nothing from outside. */
export async function comparisonReport(compared: Compared): Promise<string> {
  const { comparison, source } = compared;
  const { words } = source;
  const sections = [
    `<h1>${escape(words.title)}: which algorithm?</h1>`,
    `<p class="lead">${escape(words.lead)}${otherSplits(comparison, source)}</p>`,
    ...verdictWords(comparison, words).map((text) => `<p>${escape(text)}</p>`),
    tiles(comparison, words),
    await ranking(comparison, words),
    await bySteps(comparison, words),
    methods(comparison),
    settings(compared),
    "<footer>Made by rvml. The same seeds give the same figures again, but for the seconds, which are this machine's.</footer>",
  ];
  return page(`${words.title}: algorithms compared`, sections.join("\n"));
}

const otherSplits = ({ seeds }: Comparison, { record }: Source): string =>
  seeds.length > 1 && record.kind !== "sinusoids"
    ? " Every seed holds out others, unless they were named."
    : "";

function tiles(comparison: Comparison, words: Words): string {
  const { measure } = comparison;
  const { best, baseline, beaten } = verdict(comparison);
  const { figures, suffix } = measures[measure];
  const { value } = figures([best.error, baseline.error]);
  const tile = ({ name, error }: Entry, what: string, marked: boolean) =>
    `<div class="tile${marked ? " best" : ""}"><b>${value(error)}${suffix}</b><span>${what}: ${escape(name)}</span></div>`;
  const both = [
    tile(best, "the best algorithm", beaten),
    tile(baseline, "the best baseline", !beaten),
  ];
  const caption = `${measureTitle(measure, words.unit)} on ${occasion(comparison, words)}; ${measures[measure].better}.`;
  return `<div class="tiles">${both.join("")}</div>\n<p class="note below">${escape(caption)}</p>`;
}

async function ranking(comparison: Comparison, { group, unit }: Words): Promise<string> {
  const { seeds, entries } = comparison;
  const over = seeds.length > 1 ? `the ${seeds.length} seeds` : `the held-out ${plural(group)}`;
  const algorithms = entries.filter(({ baseline }) => !baseline).length;
  const text =
    `Every algorithm had the same split, tasks, network and number of meta-steps, and is judged after the steps that it was trained for. ` +
    `± is the 95 % interval over ${over}.` +
    (algorithms > 2
      ? ` The best of ${algorithms} was picked by these very figures: on other ${plural(group)} expect a little less of it.`
      : "");
  return card(
    "ranking",
    "The ranking",
    `${note(text)}\n<div class="chart">${await rankingPlot(comparison, unit)}</div>\n${table(comparison)}`,
  );
}

function table(comparison: Comparison): string {
  const { entries, steps, measure } = comparison;
  const { value, half } = figuresOf(comparison);
  const { noun } = measures[measure];
  const columns = stepColumns(comparison);
  const head = ["method", noun, ...steps.map(stepName), "steps", "seconds", "parameters"];
  const rows = entries.map((entry, rank) => {
    const { name, error, interval, adapts, baseline, seconds } = entry;
    const color = baseline ? "pooled" : "learned";
    const cells = [
      `<span class="swatch" style="background:var(--${color})"></span>${escape(name)}`,
      `${value(error)} <i>± ${half(interval)}</i>`,
      ...columns.map(({ cells }) => cells[rank]),
      adapts ? String(entry.innerSteps) : "–",
      seconds === undefined ? "–" : seconds.toFixed(1),
      entry.metaParameters?.toLocaleString("en") ?? "–",
    ];
    return `<tr>${cells.map((cell, i) => `<td${i === 1 ? ' class="mark"' : ""}>${cell}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll"><table data-table="ranking"><thead><tr>${head.map((text) => `<th>${text}</th>`).join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>
<p class="note below">${noun}: after the steps that it was trained for (steps). seconds: of training. parameters: all the numbers that training learns, the meta-parameters.</p>`;
}

async function bySteps(comparison: Comparison, { unit, group, row }: Words): Promise<string> {
  const logarithmic = measures[comparison.measure].most === undefined;
  const scale = " Errors on a logarithmic scale; an arrow says that a line has left the frame.";
  const text = `How fast the best of them (eight at most) adapt to the ${plural(row)} of a new ${group}, and what becomes of them beyond the steps that they were trained for.${logarithmic ? scale : ""}`;
  const plot = await stepsPlot(comparison, unit);
  return card("steps", "Step by step", `${note(text)}\n<div class="chart">${plot}</div>`);
}

function methods({ entries }: Comparison): string {
  const list = entries.map(
    ({ name, note: about }) => `<dt>${escape(name)}</dt><dd>${escape(about)}</dd>`,
  );
  return card("methods", "What they are", `<dl class="words">${list.join("")}</dl>`);
}

function settings({ settings: all, comparison, source }: Compared): string {
  const [first] = all;
  const { seeds, groups } = comparison;
  const rows: [string, string][] = [
    ["network", networkWords(first)],
    ["meta-training", trainingWords(first)],
    ["held out", count(groups, source.words.group)],
    [seeds.length > 1 ? "seeds" : "seed", seeds.join(", ")],
    ...all.map((each): [string, string] => [
      each.algorithm,
      [algorithmWords(each), adaptingWords(each), ownWords(each)].filter(Boolean).join("; "),
    ]),
  ];
  const list = rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  return card("settings", "How it was made", `<dl>${list.join("")}</dl>`);
}
