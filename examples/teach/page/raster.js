import { fitted } from "./strokes.js";

/** @import { Drawing, Point } from "./strokes.js" */

/** Pixels a side, as Omniglot's in the MAML paper. */
export const SIDE = 28;
/** The longer side of a drawing in pixels: of Omniglot's drawings it is 16 in the middle, and 23 at the 95th percentile. */
const SIZE = 20;
/** Half of a stroke's width in pixels. */
const HALF_WIDTH = 0.8;

/**
 * What the network sees of a drawing: SIDE×SIDE values, 0 … 1, row by row from the top left, 1 for stroke. It makes no difference where and
 * how large it was drawn. With + − × ÷ and √ alone, so that every engine gives the same bits.
 *
 *     value = clamp(w + ½ − d, 0, 1),   d the distance from the pixel's middle to the nearest stroke, w half of its width
 *
 * @param {Drawing} drawing
 * @param {{ least?: number, halfWidth?: number }} [options] `least`: see `fitted`; in the drawing's units
 */
export function rasterize(drawing, { least = 0.05, halfWidth = HALF_WIDTH } = {}) {
  const pixels = new Float32Array(SIDE * SIDE);
  for (const stroke of fitted(drawing, { side: SIDE, size: SIZE, least })) {
    if (stroke.length === 1) paint(pixels, stroke[0], stroke[0], halfWidth);
    for (let i = 1; i < stroke.length; i++) paint(pixels, stroke[i - 1], stroke[i], halfWidth);
  }
  return pixels;
}

/**
 * One straight piece of a stroke; where pieces overlap, the larger value stays.
 *
 * @param {Float32Array} pixels @param {Point} a @param {Point} b @param {number} halfWidth
 */
function paint(pixels, a, b, halfWidth) {
  const reach = halfWidth + 0.5;
  const first = (/** @type {0 | 1} */ i) => Math.max(0, Math.floor(Math.min(a[i], b[i]) - reach));
  const last = (/** @type {0 | 1} */ i) => Math.min(SIDE, Math.ceil(Math.max(a[i], b[i]) + reach));
  for (let y = first(1); y < last(1); y++)
    for (let x = first(0); x < last(0); x++) {
      const value = reach - distance(x + 0.5, y + 0.5, a, b);
      const at = y * SIDE + x;
      if (value > pixels[at]) pixels[at] = Math.min(1, value);
    }
}

/** From a point to the straight line between two others. @param {number} x @param {number} y @param {Point} a @param {Point} b */
function distance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square > 0 ? ((x - ax) * dx + (y - ay) * dy) / square : 0;
  const t = Math.min(1, Math.max(0, along));
  const [ex, ey] = [x - ax - t * dx, y - ay - t * dy];
  return Math.sqrt(ex * ex + ey * ey);
}
