/**
 * Context layer: y = [x, c], the same c for every row, and its three other passes.
 *
 *     x: rows×inSize, c: outSize − inSize, y: rows×outSize, all row-major; in θ: c
 *
 * It is linear in x and c at once, so that the tangents are the passes themselves: ry = [rx, Rc], and rd goes the way of d.
 * (Zintgraf et al. 2019, arXiv:1810.03642, section 3.)
 */
import { Field } from "./abi";
import { before, sizeOf, word } from "./layer";
import { F32 } from "./simd";
import { addColumns } from "./vector";

/** y ← [x, c]. */
export function contextForward(layer: usize, rows: i32, theta: usize): void {
  append(layer, rows, word(before(layer), Field.Value), theta, word(layer, Field.Value));
}

/** ry ← [rx, Rc]. */
export function contextForwardTangent(layer: usize, rows: i32, rTheta: usize): void {
  append(layer, rows, word(before(layer), Field.Tangent), rTheta, word(layer, Field.Tangent));
}

/** dx ← dy[…, 0 … inSize − 1],  dc += Σ dy[…, inSize …] over rows; dy and dx are what stands in `field`.   dTheta = 0: dx only. */
export function contextBackward(layer: usize, rows: i32, dTheta: usize, field: Field): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer);
  const inBytes = <usize>inSize * F32, outBytes = <usize>outSize * F32;
  let dx = word(before(layer), field), dy = word(layer, field);
  if (dTheta) addColumns(rows, outSize - inSize, outSize, dy + inBytes, dTheta + word(layer, Field.Parameters));
  if (!dx) return;
  for (let i = 0; i < rows; i++, dx += inBytes, dy += outBytes) memory.copy(dx, dy, inBytes);
}

/** y ← [x, c], c in its place in `theta`; x = 0: zeros. */
function append(layer: usize, rows: i32, x: usize, theta: usize, y: usize): void {
  const inBytes = <usize>sizeOf(before(layer)) * F32, outBytes = <usize>sizeOf(layer) * F32;
  const c = theta + word(layer, Field.Parameters);
  for (let i = 0; i < rows; i++, y += outBytes) {
    if (x) memory.copy(y, x + <usize>i * inBytes, inBytes);
    else memory.fill(y, 0, inBytes);
    memory.copy(y + inBytes, c, outBytes - inBytes);
  }
}
