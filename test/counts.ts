import type { Reporter, TestModule } from "vitest/node";

/** Closes a run with the plain line `N passed, N failed`, and `, N skipped` where some were. */
export default class Counts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      if (module.state() === "failed" && module.children.size === 0) count.failed++;
    }
    const skipped = count.skipped ? `, ${count.skipped} skipped` : "";
    console.log(`${count.passed} passed, ${count.failed + count.pending} failed${skipped}`);
  }
}
