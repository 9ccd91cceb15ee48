import { instantiateCore } from "../build/modules/src/core.js";
import { releaseCore } from "../build/modules/src/inline-core.js";
import { Memory } from "../build/modules/src/memory.js";
import { Random } from "../build/modules/src/random.js";

/** The layers measured, rows × in × out, and the share of the peak that is asked of them. */
const SIZES = [
  { rows: 240, inSize: 240, outSize: 240, target: 0.85 },
  { rows: 48, inSize: 48, outSize: 48, target: 0.85 },
  { rows: 10, inSize: 40, outSize: 40, target: 0.6 },
  { rows: 5, inSize: 784, outSize: 256, target: 0.6 },
];

/** A step calls often enough to last some 10 µs, so that the harness's own call does not show. */
const STEP_FLOPS = 5e5;

/** @typedef {{ rows: number, inSize: number, outSize: number }} Size */
/** @typedef {(memory: Memory, size: Size) => () => void} Form */

/**
 * Offset of a new matrix of random numbers.
 *
 * @param {Memory} memory
 * @param {number} rows
 * @param {number} columns
 */
function matrix(memory, rows, columns) {
  const count = rows * columns;
  const pointer = memory.allocate(count);
  const random = new Random(count);
  const values = Float32Array.from({ length: count }, () => random.uniform(-1, 1));
  new Float32Array(memory.buffer, pointer, count).set(values);
  return pointer;
}

/** The three products of a dense layer, as it calls them: C ← αAB + βC with strides. */
const forms = /** @type {Record<string, Form>} */ ({
  "C = XW": (memory, { rows, inSize, outSize }) => {
    const [x, w] = [matrix(memory, rows, inSize), matrix(memory, inSize, outSize)];
    const c = matrix(memory, rows, outSize);
    const { gemm } = memory.core;
    return () => gemm(rows, outSize, inSize, 1, x, inSize, 1, w, outSize, 1, 0, c, outSize, 1);
  },
  "dX = dY·Wᵀ": (memory, { rows, inSize, outSize }) => {
    const [dy, w] = [matrix(memory, rows, outSize), matrix(memory, inSize, outSize)];
    const c = matrix(memory, rows, inSize);
    const { gemm } = memory.core;
    return () => gemm(rows, inSize, outSize, 1, dy, outSize, 1, w, 1, outSize, 0, c, inSize, 1);
  },
  "dW += Xᵀ·dY": (memory, { rows, inSize, outSize }) => {
    const [x, dy] = [matrix(memory, rows, inSize), matrix(memory, rows, outSize)];
    const c = matrix(memory, inSize, outSize);
    const { gemm } = memory.core;
    return () => gemm(inSize, outSize, rows, 1, x, 1, inSize, dy, outSize, 1, 1, c, outSize, 1);
  },
});

/** Bench entries of every size and form, on the strict core. */
export async function gemmEntries() {
  const core = await releaseCore();
  return SIZES.flatMap(({ target, ...size }) => {
    const flops = 2 * size.rows * size.inSize * size.outSize;
    const calls = Math.ceil(STEP_FLOPS / flops);
    return Object.entries(forms).map(([form, prepare]) => {
      const call = prepare(new Memory(instantiateCore(core)), size);
      const step = () => {
        for (let i = 0; i < calls; i++) call();
      };
      const name = `GEMM ${size.rows}×${size.inSize}×${size.outSize}, ${form}`;
      return { name, target, flops: calls * flops, step };
    });
  });
}
