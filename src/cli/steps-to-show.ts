/** 0, 1, 3, 5, 10, and what was trained for. */
export const stepsToShow = (innerSteps: number): number[] =>
  [...new Set([0, 1, 3, 5, 10, innerSteps])].toSorted((a, b) => a - b);
