import { beforeAll, describe, expect, test } from "vitest";
import { report } from "../src/cli/report.ts";
import type { ImageTasks, Panel, ReportPart } from "../src/cli/report-data.ts";

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
  row: "row",
  unit: "life",
  shots: 3,
  judged: "How <countries> are judged.",
  loss: "mean squared error",
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
  pictures: {
    kind: "panels",
    panels: [panel("Côte <d'Ivoire>", "curve"), panel("Peru", "scatter")],
  },
  settings: [["seed", "42"]],
};

let html = "";
beforeAll(async () => {
  const pictures = { kind: "panels", panels: [] } as const;
  html = await report([part, { ...part, title: "A second part", pictures, curve: [] }]);
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

describe("images", () => {
  const pixel =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
  const way = (name: string, before: number, after: number) => ({
    name,
    support: [pixel],
    query: [{ image: pixel, before, after }],
  });
  const protocol = (name: "inductive" | "transductive", own: boolean) => ({
    name,
    own,
    errors: [0.5, 0.25, 0.2, 0.125],
    intervals: [0.01, 0.02, 0.03, 0.04],
  });
  const images: ReportPart = {
    ...part,
    group: "task",
    row: "image",
    unit: "",
    outcome: {
      ...part.outcome,
      measure: "accuracy",
      methods: [
        method("meta-learned (MAML)", [0.8, 0.5, 0.3, 0.165]),
        method("nearest neighbor of pixels", [0.65, 0.65, 0.65, 0.65], false),
      ],
    },
    pictures: {
      kind: "images",
      samples: [
        { ways: [way("A <b>", 1, 0), way("tree", 1, 0)], rows: 4, rightBefore: 2, rightAfter: 3 },
      ],
      confusion: {
        rows: 16,
        before: [
          [3, 5],
          [2, 6],
        ],
        after: [
          [7, 1],
          [0, 8],
        ],
        pairs: [{ actual: "A <b>", predicted: "tree", count: 1, of: 8 }],
      },
      protocols: [protocol("inductive", true), protocol("transductive", false)],
    },
  };
  const pageOf = () => report([images]);

  test("has accuracies in percent, and says that higher is better", async () => {
    const page = await pageOf();
    expect(page).toContain('<div class="tile best"><b>83.5 %</b>');
    expect(page).toMatch(/<td class="mark">83\.5 <i>± 2\.1<\/i>/);
    expect(page).toContain(
      "Accuracy (%) on 2 held-out tasks after 5 steps of adapting; higher is better.",
    );
    expect(page).not.toMatch(/lower is better|RMSE|NaN|undefined/);
  });

  test("asks for nothing from outside; what it draws is in it", async () => {
    const page = await pageOf();
    const without = page.replaceAll(pixel, "");
    expect(without.match(/<img src="" alt="[^"]+">/g)).toHaveLength(4);
    expect(without).not.toMatch(/https?:|\/\/[a-z]|src="[^"]|href=|url\(|<script|<link/i);
  });

  test("has its sections, names both protocols, and leaves them out where there are none", async () => {
    const sections = (text: string) =>
      [...text.matchAll(/data-section="([a-z-]+)"/g)].map(([, name]) => name);
    const page = await pageOf();
    const rest = ["training", "words", "settings"];
    expect(sections(page)).toEqual(["errors", "held-out", "confusion", "protocols", ...rest]);
    expect(page).toMatch(/<td>inductive<small>[^<]*so it was trained/);
    expect(page).toMatch(/<td>transductive<small>(?![^<]*so it was trained)/);
    const bare = { ...images, pictures: { ...images.pictures, protocols: [] } } as ReportPart;
    expect(sections(await report([bare]))).toEqual(["errors", "held-out", "confusion", ...rest]);
  });

  test("marks each answer as right or wrong by a sign, by the class of its column", async () => {
    const signs = [...(await pageOf()).matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(
      ([, text]) => text.replace(/<[^>]+>|&#8239;/g, ""),
    );
    expect(signs).toEqual(["✗B → ✓A", "✓B → ✗A"]);
  });

  test("an answer that is none has no letter, and the page says that its image is left out", async () => {
    expect(await pageOf()).not.toContain("left out");
    const { samples, confusion } = images.pictures as ImageTasks;
    const pictures = {
      ...images.pictures,
      samples: [{ ...samples[0], ways: [way("A <b>", 0, -1), way("tree", 0, 0)] }],
      confusion: { ...confusion, after: [[6, 1], confusion.after[1]] },
    };
    const page = await report([{ ...images, pictures } as ReportPart]);
    expect(page.replace(/<[^>]+>|&#8239;/g, "")).toContain("✓A → ✗–");
    expect(page).toContain("before A, after –");
    expect(page).toMatch(/All 16 images to name .* got no answer, for the outputs were NaN/);
  });

  test("escapes the names of classes", async () => {
    const page = await pageOf();
    expect(page).toContain('<h4 title="A &lt;b&gt;">');
    expect(page).toContain("<td>A &lt;b&gt;</td>");
    expect(page).not.toContain("A <b>");
  });
});
