/**
 * Places for labels of that height, as near as they can be (least squares) to where they want to stand, in the order of those wishes:
 * isotonic regression of pᵢ − i·gap, by pooling neighbors that are out of order.
 */
export function apart(wishes: readonly number[], gap: number): number[] {
  const order = wishes.map((_, i) => i).toSorted((a, b) => wishes[a] - wishes[b]);
  const pools: { mean: number; size: number }[] = [];
  order.forEach((label, i) => {
    let pool = { mean: wishes[label] - i * gap, size: 1 };
    while (pools.length > 0 && pools.at(-1)!.mean > pool.mean) {
      const { mean, size } = pools.pop()!;
      const both = size + pool.size;
      pool = { mean: (mean * size + pool.mean * pool.size) / both, size: both };
    }
    pools.push(pool);
  });
  const means = pools.flatMap(({ mean, size }) => new Array<number>(size).fill(mean));
  const places = new Array<number>(wishes.length);
  order.forEach((label, i) => (places[label] = means[i] + i * gap));
  return places;
}
