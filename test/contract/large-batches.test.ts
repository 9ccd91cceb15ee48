/** The meta-gradient of every algorithm on batches that pass through the network in several pieces. */
import { test } from "vitest";
import { cases, largeTasksOf, learnerOf } from "./cases.ts";
import { expectGradients } from "./expect-gradient.ts";

test.each(cases)("$title", async (each) => {
  expectGradients(each, await learnerOf(each), largeTasksOf(each));
});
