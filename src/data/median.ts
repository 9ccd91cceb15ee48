/** The middle of the values in order, or the mean of the middle two; NaN counts as the largest. */
export function median(values: readonly number[]): number {
  // Typed arrays sort NaN behind Infinity.
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
