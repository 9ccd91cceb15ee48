/** Numbers in −1…1, each a float32, the same for the same seed; shares nothing with src/random.ts. */
export function noise(seed: number, count: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  return new Float32Array(count).map(() => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 8) / 2 ** 23 - 1;
  });
}
