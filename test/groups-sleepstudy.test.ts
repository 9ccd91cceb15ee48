import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tableFromRows } from "../src/data/table.ts";
import { Random } from "../src/random.ts";
import { groups } from "../src/tasks/groups.ts";

const SLEEP = "../shared/data/grouped-regression/sleepstudy.csv";
const sleep = new URL(`../${SLEEP}`, import.meta.url);

test.skipIf(!existsSync(sleep))(`sleepstudy: 18 subjects, 10 days each (needs ${SLEEP})`, () => {
  const [header, ...rows] = readFileSync(sleep, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const source = tableFromRows(header, rows);
  const {
    train,
    validation,
    test: held,
  } = groups(source, {
    group: "Subject",
    inputs: ["Days"],
    target: "Reaction",
    shots: 4,
    split: { validation: 3, test: 5 },
    seed: 1,
  });
  expect([train, validation, held].map((part) => part.groups.length)).toEqual([10, 3, 5]);
  expect(held.sample(new Random(1)).query.rows).toBe(6);
});
