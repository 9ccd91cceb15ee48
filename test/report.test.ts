import { beforeAll, expect, test } from "vitest";
import { report } from "../src/cli/report.ts";
import type { Panel, ReportPart } from "../src/cli/report-data.ts";

const steps = [0, 1, 3, 5];
const method = (name: string, errors: number[], adapts = true) => ({
  name,
  note: `What ${name} is.`,
  adapts,
  errors,
  intervals: errors.map((error) => error / 8),
  perGroup: errors.map((error) => [error ** 2]),
});

const panel = (name: string, kind: Panel["kind"]): Panel => {
  const line = [0, 1, 2, 3].map((x) => ({ x, y: 50 + x }));
  const axes = { xTitle: "year", yTitle: "life", xFormat: "d" };
  const points = { support: line.slice(0, 1), query: line, before: line, after: line };
  return { name, kind, ...axes, ...points, errorBefore: 8.125, errorAfter: 1.375 };
};

const part: ReportPart = {
  title: "Predicting life for a new country from 3 rows",
  lead: "A stranger's <first> words & more.",
  group: "country",
  unit: "life",
  shots: 3,
  outcome: {
    measure: "RMSE",
    steps,
    innerSteps: 5,
    groups: ["a", "b"],
    methods: [
      method("meta-learned (MAML)", [9.5, 4.25, 3.125, 2.75]),
      method("pooled, fine-tuned", [7.75, 5.5, 3.5, 3.0625]),
      method("least squares per group", [3.5, 3.5, 3.5, 3.5], false),
      method("pooled + mean shift", [3.6875, 3.6875, 3.6875, 3.6875], false),
      method("pooled model", [7.75, 7.75, 7.75, 7.75], false),
    ],
  },
  curve: [
    { step: 10, loss: 0.9 },
    { step: 20, loss: 0.3 },
  ],
  panels: [panel("Côte <d'Ivoire>", "curve"), panel("Peru", "scatter")],
  settings: [["seed", "42"]],
};

let html = "";
beforeAll(async () => {
  html = await report([part, { ...part, title: "A second part", panels: [], curve: [] }]);
});

test("asks for nothing from outside: no address, script, style sheet or image", () => {
  expect(html).not.toMatch(/https?:|\/\/[a-z]/i);
  expect(html).not.toMatch(/<(script|link|img|iframe|object|embed|base)\b/i);
  expect(html).not.toMatch(/@import|url\(|\bsrc=|\bhref=/i);
});

test("has all its sections, and says what its words mean", () => {
  const sections = [...html.matchAll(/data-section="([a-z-]+)"/g)].map(([, name]) => name);
  const whole = ["errors", "held-out", "training", "words", "settings"];
  expect(sections).toEqual([...whole, "errors", "words", "settings"]);
  for (const word of ["task", "support", "query", "adapt", "meta-learned"])
    expect(html).toContain(`<dt>${word}</dt>`);
  expect(html).toContain("2 held-out countries");
});

test("the table's figures are those of the result", () => {
  const [table] = html.match(/<table data-table="errors">[^]*?<\/table>/)!;
  const rows = [...table.matchAll(/<tr><td>[^]*?<\/tr>/g)].map(([row]) =>
    [...row.matchAll(/<td(?: class="mark")?>(\d[\d.]*) <i>± ([\d.]+)<\/i>/g)].map(
      ([, error, interval]) => [Number(error), Number(interval)],
    ),
  );
  expect(rows).toHaveLength(5);
  part.outcome.methods.forEach(({ errors, intervals }, m) => {
    expect(rows[m]).toHaveLength(steps.length);
    rows[m].forEach(([error, interval], s) => {
      expect(Math.abs(error - errors[s])).toBeLessThanOrEqual(0.00501);
      expect(Math.abs(interval - intervals[s])).toBeLessThanOrEqual(0.00501);
    });
  });
  expect(html).toMatch(/<div class="tile best"><b>2.75<\/b>/);
  expect(html).toContain("RMSE 8.13 → <b>1.38</b>");
});

test("draws the errors, the training curve and every panel", () => {
  expect(html.match(/<svg[^>]* class="marks"/g)).toHaveLength(2 + 1 + 2);
  expect(html).not.toMatch(/NaN|undefined/);
  for (const color of ["learned", "tuned", "line", "shift", "pooled"])
    expect(html).toContain(`stroke="var(--${color})"`);
  expect(html).toContain("prefers-color-scheme: dark");
});

test("escapes what comes from the data", () => {
  expect(html).toContain("Côte &lt;d'Ivoire&gt;");
  expect(html).toContain("A stranger's &lt;first&gt; words &amp; more.");
  expect(html).not.toContain("<first>");
});

test("the same result gives the same page", async () => {
  expect(await report([part])).toBe(await report([part]));
});
