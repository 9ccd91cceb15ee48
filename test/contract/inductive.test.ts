/** Batch norm by the support set's statistics, for every algorithm: of tasks that say so, and of a model that does. */
import { describe, expect, test } from "vitest";
import type { Task } from "../../src/index.ts";
import { joined } from "../rows.ts";
import { bySupport } from "../support-statistics.ts";
import { all, learnerOf, tasksOf, withModel } from "./cases.ts";
import { expectGradients } from "./expect-gradient.ts";
import { imageSizes } from "./image-network.ts";

/** The query behind the support's rows, whose statistics count and whose losses do not. */
function behindSupport({ support, query, index }: Task): Task {
  const weights = Float32Array.from({ length: support.rows + query.rows }, (_, row) =>
    row < support.rows ? 0 : (query.weights?.[row - support.rows] ?? 1),
  );
  const rows = joined([support, query]);
  return { support, query: { ...rows, weights, counted: support.rows }, index };
}

describe.each(all.filter(({ sizes }) => sizes === imageSizes))("$title", (each) => {
  const tasks = tasksOf(each).slice(0, 3);

  test("the meta-gradient is the oracle's, and the same bits of a model that says so", async () => {
    const learner = await learnerOf(each);
    expectGradients(each, learner, tasks.map(behindSupport));
    const other = await learnerOf(withModel(each, bySupport));
    expect(other.metaGradient(tasks)).toEqual(learner.metaGradient(tasks.map(behindSupport)));
  });
});
