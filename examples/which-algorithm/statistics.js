/** Student's t, 97.5 %, for 1 … 9 degrees of freedom. */
const STUDENT_T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** The most values that {@link meanAndInterval} takes. */
export const MOST_SEEDS = STUDENT_T.length + 1;

/**
 * Mean of a few seeds' figures, and half of its 95 % interval t·s/√n: null for a single one, which JSON can say too.
 *
 * @param {readonly number[]} values
 * @returns {{ mean: number, interval: number | null }}
 */
export function meanAndInterval(values) {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, interval: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, interval: STUDENT_T[n - 2] * Math.sqrt(squares / (n - 1) / n) };
}
