import { describe, expect, test } from "vitest";
import { ChangeDetector } from "../src/change-detector.ts";
import { median } from "../src/data/median.ts";
import { Random } from "../src/random.ts";

const detector = (runLength?: number) => new ChangeDetector("test", { runLength });

/** χ², as squared errors have it; that another distribution would do the same is tested below. */
const square = (random: Random) => random.normal() ** 2;

/** All orders of 0 … n − 1. */
function* orders(n: number): Generator<number[]> {
  if (n === 0) return yield [];
  for (const order of orders(n - 1))
    for (let place = 0; place < n; place++) yield order.toSpliced(place, 0, n - 1);
}

/** Rows to the first alarm, and where it says the change was; no more than `most` rows. */
function firstAlarm(losses: (row: number) => number, most: number, runLength?: number) {
  const watching = detector(runLength);
  for (let row = 1; row <= most; row++) {
    const since = watching.add(losses(row));
    if (since > 0) return { row, change: row - since + 1 };
  }
  return undefined;
}

test.each([2, 3, 5, 7])(
  "the evidence is a martingale and one a row: over all orders of %i losses its mean is that number less one",
  (n) => {
    let [sum, count] = [0, 0];
    for (const order of orders(n)) {
      const watching = detector(1e9);
      for (const loss of order) watching.add(loss);
      sum += watching.evidence;
      count++;
    }
    expect(sum / count).toBeCloseTo(n - 1, 10);
  },
);

describe("losses of one distribution", () => {
  test("alarm within 1,000 rows in at most a tenth of streams, as proved", () => {
    let alarms = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      if (firstAlarm(() => square(random), 1000)) alarms++;
    }
    // Measured: 5.
    expect(alarms).toBeLessThanOrEqual(10);
  });

  test.each([
    [100, 6, 12, 0],
    [30, 8, 20, 0],
    [4, 32, 60, 4],
  ])(
    "%i times as large from row 101 on: half of the time found within %i rows, always within %i",
    (by, half, all, places) => {
      const delays: number[] = [];
      const misplaced: number[] = [];
      for (let seed = 0; seed < 31; seed++) {
        const random = new Random(seed);
        const alarm = firstAlarm((row) => square(random) * (row > 100 ? by : 1), 1000);
        delays.push((alarm?.row ?? Infinity) - 100);
        misplaced.push(Math.abs((alarm?.change ?? Infinity) - 101));
      }
      // Measured: 5, 7, 28; at most 11, 17, 54.
      expect(median(delays)).toBeLessThanOrEqual(half);
      expect(Math.max(...delays)).toBeLessThanOrEqual(all);
      expect(Math.min(...delays)).toBeGreaterThan(0);
      expect(median(misplaced)).toBeLessThanOrEqual(places);
    },
  );
});

test("only their order counts: any growing function of the losses alarms at the same row", () => {
  for (let seed = 0; seed < 10; seed++) {
    const random = new Random(seed);
    const losses = Array.from({ length: 200 }, (_, i) => random.normal() ** 2 * (i < 100 ? 1 : 30));
    const alarm = firstAlarm((row) => losses[row - 1], 200);
    expect(alarm).toBeDefined();
    expect(firstAlarm((row) => 1e-30 * losses[row - 1], 200)).toEqual(alarm);
    expect(firstAlarm((row) => -1 / losses[row - 1], 200)).toEqual(alarm);
  }
});

// For the change at row 51 after k rows, Λ = ∏ᵢ i/(i + 1)·(50 + i)/(4 + i), i = 1 … k: 167, 22,000, 1.7e6.
test("losses above all 50 before: an alarm after 3, 6, 9 rows", () => {
  const rows = [1e2, 1e4, 1e6].map(
    (runLength) => firstAlarm((row) => (row > 50 ? 2 + 1 / row : 1 / row), 100, runLength)?.row,
  );
  expect(rows).toEqual([53, 56, 59]);
});

test("losses that fall, that are all alike, or one that is enormous: no alarm", () => {
  expect(firstAlarm((row) => 1 / row, 3000)).toBeUndefined();
  expect(firstAlarm((row) => (row < 500 ? 2 : 1), 3000)).toBeUndefined();
  expect(firstAlarm(() => 1, 3000)).toBeUndefined();
  expect(firstAlarm((row) => (row === 100 ? 1e300 : (row * 0.618) % 1), 300)).toBeUndefined();
});

test("what is not a number is larger than all others", () => {
  const alarm = firstAlarm((row) => (row > 60 ? NaN : 1 / row), 100);
  expect(alarm).toEqual(firstAlarm((row) => (row > 60 ? Infinity : 1 / row), 100));
  expect(alarm?.change).toBe(61);
});

test("still watches after more rows than it remembers", () => {
  const random = new Random(1);
  const alarm = firstAlarm((row) => random.uniform() + (row > 2500 ? 1 : 0), 3000, 1e6);
  expect(alarm?.change).toBe(2501);
  expect(alarm?.row).toBeLessThan(2510);
});

test("after reset it is as new", () => {
  const [used, fresh] = [detector(), detector()];
  const random = new Random(2);
  for (let row = 0; row < 50; row++) used.add(random.uniform());
  used.reset();
  expect(used.evidence).toBe(0);
  for (let row = 0; row < 50; row++) {
    const loss = random.uniform();
    expect([used.add(loss), used.evidence]).toEqual([fresh.add(loss), fresh.evidence]);
  }
});
