/**
 * The multiply-add peak of one core as the engine's own SIMD reaches it: the roof that the core's
 * kernels are measured against. A tiny module is assembled here, byte by byte: a loop over 8 to 13
 * independent f32x4 accumulators, x ← x·a + b.
 */

const UNROLL = 8; // steps of the chain in one turn, so that the loop itself costs nothing
const LANES = 4;
const TURNS = 2000;

// Two pipes times six cycles of mul and add want 12 chains; a, b and V8's scratch leave 13 of 16
// registers. Measured (V8 11.3): strict 38 at 8, 53 at 12 and 13, 50 at 14; relaxed 59 from 9 on.
const COUNTS = [8, 9, 10, 11, 12, 13];

// x ← 0.999 x + 0.001 tends to 1 from any start: never infinite, never denormal, never constant.
const FACTOR = 0.999;
const ADDEND = 0.001;

const SIMD = 0xfd;
/** @type {(n: number) => number[]} */
const unsigned = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >> 7)]);
const f32 = (/** @type {number} */ x) => [0x43, ...new Uint8Array(Float32Array.of(x).buffer)];
const get = (/** @type {number} */ local) => [0x20, ...unsigned(local)];
const set = (/** @type {number} */ local) => [0x21, ...unsigned(local)];
const splat = [SIMD, 0x13];
const add = [SIMD, ...unsigned(0xe4)];
const mul = [SIMD, ...unsigned(0xe6)];
const relaxedMadd = [SIMD, ...unsigned(0x105)];
const section = (/** @type {number} */ id, /** @type {number[]} */ bytes) => [
  id,
  ...unsigned(bytes.length),
  ...bytes,
];

/**
 * Body of run(turns: i32, a: f32, b: f32): f32, the sum of all lanes' accumulators.
 *
 * @param {number} count of accumulators
 * @param {boolean} relaxed
 * @returns {number[]}
 */
function body(count, relaxed) {
  const [turns, a, b, va, vb, first] = [0, 1, 2, 3, 4, 5];
  const accumulators = Array.from({ length: count }, (_, i) => first + i);
  const start = (/** @type {number} */ x, /** @type {number} */ i) => [
    ...f32(0.5 + i / 16),
    ...splat,
    ...set(x),
  ];
  const step = (/** @type {number} */ x) =>
    relaxed
      ? [...get(x), ...get(va), ...get(vb), ...relaxedMadd, ...set(x)]
      : [...get(x), ...get(va), ...mul, ...get(vb), ...add, ...set(x)];
  const chain = Array.from({ length: UNROLL }, () => accumulators.flatMap(step)).flat();
  const lane = (/** @type {number} */ l) => [...get(first), SIMD, 0x1f, l];
  const total = accumulators.slice(1).map((x) => [get(first), get(x), add, set(first)]);
  return /** @type {any[]} */ ([
    [1, unsigned(2 + count), 0x7b], // locals: v128 each
    [get(a), splat, set(va), get(b), splat, set(vb)],
    accumulators.map(start),
    [0x03, 0x40, chain], // loop
    [get(turns), 0x41, 1, 0x6b, 0x22, turns, 0x0d, 0], // again if (turns -= 1)
    [0x0b, total, lane(0), lane(1), 0x92, lane(2), 0x92, lane(3), 0x92, 0x0b],
  ]).flat(Infinity);
}

/**
 * The module: one type, one function, exported as `run`.
 *
 * @param {number} count
 * @param {boolean} relaxed
 */
function assemble(count, relaxed) {
  const code = body(count, relaxed);
  const sections = [
    section(1, [1, 0x60, 3, 0x7f, 0x7d, 0x7d, 1, 0x7d]),
    section(3, [1, 0]),
    section(7, [1, 3, ...new TextEncoder().encode("run"), 0, 0]),
    section(10, [1, ...unsigned(code.length), ...code]),
  ];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}

/**
 * One burst: { flops, step() }; step throws if the accumulators went anywhere but towards 1.
 *
 * @param {number} count
 * @param {boolean} relaxed
 */
function burst(count, relaxed) {
  const module = new WebAssembly.Module(assemble(count, relaxed));
  const { run } = /** @type {{ run: (turns: number, a: number, b: number) => number }} */ (
    /** @type {unknown} */ (new WebAssembly.Instance(module).exports)
  );
  const step = () => {
    const mean = run(TURNS, FACTOR, ADDEND) / (LANES * count);
    if (!(mean > 0.9 && mean < 1.1)) throw new RangeError(`peak: expected about 1, got ${mean}`);
    return mean;
  };
  return { count, step, flops: 2 * LANES * count * UNROLL * TURNS };
}

/**
 * Best GFLOP/s of `runs` bursts.
 *
 * @param {ReturnType<typeof burst>} burst
 * @param {number} runs
 */
function best({ step, flops }, runs) {
  let shortest = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    step();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return flops / shortest / 1e6;
}

/**
 * A bench entry { name, step, flops } of the accumulator count that is fastest here, or undefined
 * where the engine has no relaxed SIMD and it was asked for. Each step takes well under a
 * millisecond. Creating it takes about 0.1 s: the engine must have optimized the loop.
 */
export function peakEntry({ relaxed = false } = {}) {
  if (!WebAssembly.validate(assemble(COUNTS[0], relaxed))) return undefined;
  const bursts = COUNTS.map((count) => burst(count, relaxed));
  const speeds = bursts.map((each) => best(each, 60));
  const fastest = bursts[speeds.indexOf(Math.max(...speeds))];
  return { name: `multiply-add peak${relaxed ? ", relaxed" : ""}`, ...fastest };
}

/** A function that gives the GFLOP/s of the next few short runs, or undefined as in peakEntry. */
export function peak({ relaxed = false } = {}) {
  const entry = peakEntry({ relaxed });
  return entry && (() => best(entry, 10));
}
