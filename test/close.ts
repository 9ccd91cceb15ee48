import { expect } from "vitest";

/**
 * Gradients, products and meta-gradients of the f32 core against f64, on cases of ordinary
 * condition. PyTorch's own f32 loses up to 2e-6 on the fixtures (make.py redraws what loses more);
 * the rest is room for another order of summation. A dropped term is far above it: the two orders
 * are at least 1e-2 apart in the fixtures.
 */
export const GRADIENT_TOLERANCE = 1e-5;

/**
 * Losses: the roundings of forward passes alone; PyTorch's f32 loses up to 2.2e-7 on the fixtures.
 */
export const LOSS_TOLERANCE = 1e-6;

type Values = number | ArrayLike<number>;

/** ‖a − e‖₂ / ‖e‖₂; where e is zero throughout, ‖a‖₂ itself. NaN if a number of either is NaN. */
export function relativeError(actual: Values, expected: Values): number {
  const [a, e] = [list(actual), list(expected)];
  if (a.length !== e.length) throw new RangeError(`expected ${e.length} values, got ${a.length}`);
  const distance = norm(e.map((value, i) => a[i] - value));
  const size = norm(e);
  return size === 0 ? distance : distance / size;
}

/**
 * Fails where the relative error is over the tolerance, or NaN, and says which element is the
 * farthest off.
 */
export function expectClose(
  actual: Values,
  expected: Values,
  tolerance: number,
  label: string,
): void {
  const [a, e] = [list(actual), list(expected)];
  if (a.length !== e.length) expect.fail(`${label}: expected ${e.length} values, got ${a.length}`);
  const error = relativeError(a, e);
  // Not `error > tolerance`: NaN has to fail.
  if (!(error <= tolerance)) expect.fail(`${label}: ${describe(a, e, error, tolerance)}`);
}

function describe(a: number[], e: number[], error: number, tolerance: number): string {
  const gaps = e.map((value, i) => Math.abs(a[i] - value));
  const first = gaps.findIndex(Number.isNaN);
  const worst = first < 0 ? gaps.indexOf(gaps.reduce((x, y) => Math.max(x, y), 0)) : first;
  const place = `worst at [${worst}] of ${e.length}: got ${a[worst]}, expected ${e[worst]}`;
  return `relative error ${error.toExponential(2)}, allowed ${tolerance}; ${place}`;
}

function norm(values: number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function list(values: Values): number[] {
  return typeof values === "number" ? [values] : Array.from(values);
}
