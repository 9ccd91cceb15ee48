/**
 * @typedef {{ name: string, version?: string, min: number, median: number, gflops?: number }} Figures
 *   times in µs a step
 */

/**
 * The figures of several rounds as one: the least of the minima, the middle one of the medians.
 *
 * @template {Figures} F
 * @param {F[][]} rounds the same entries in each
 * @returns {F[]}
 */
export function merge(rounds) {
  return rounds[0].map((first, i) => {
    const all = rounds.map((round) => round[i]);
    const medians = all.map(({ median }) => median).sort((a, b) => a - b);
    const min = Math.min(...all.map((each) => each.min));
    const gflops = first.gflops && { gflops: Math.max(...all.map((each) => each.gflops ?? 0)) };
    return { ...first, min, median: medians[medians.length >> 1], ...gflops };
  });
}
