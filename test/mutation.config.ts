import { defineConfig } from "vitest/config";

/** The tests that mutants of src/algorithms and src/rules are held against: `npm run mutation`, MUTATION.md. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: [
      "test/contract/*.test.ts",
      "test/fixtures/family.test.ts",
      "test/guard.test.ts",
      "test/memory.test.ts",
      "test/checkpoint.test.ts",
    ],
    exclude: ["test/contract/large-batches.test.ts", "test/contract/learning.test.ts"],
    env: { RVML_CONTRACT: "quick" },
    testTimeout: 60_000,
  },
});
