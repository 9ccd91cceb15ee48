/** The least and the largest of any number of values: `Math.min(...values)` of 130,000 is more than Node's stack takes. */
export const extent = (values: readonly number[]): [least: number, largest: number] =>
  values.reduce<[number, number]>(
    ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
    [Infinity, -Infinity],
  );
