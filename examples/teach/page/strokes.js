/**
 * A point of a drawing. Units are free: a drawing is fitted into a box before anything looks at it.
 *
 * @typedef {readonly [x: number, y: number]} Point
 */
/** @typedef {readonly Point[]} Stroke where the pen was, from down to up */
/** @typedef {readonly Stroke[]} Drawing */

/** @param {Drawing} drawing @returns its bounding box, undefined without a point */
export function boxOf(drawing) {
  const points = drawing.flat();
  if (points.length === 0) return undefined;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

/**
 * The drawing in a box of its own, wherever and however large it was drawn: its longer side becomes `size`, its middle the middle of
 * a square of side `side`. What is smaller than `least` of its own units is a dot, and is not blown up to fill the box.
 *
 * @param {Drawing} drawing
 * @param {{ side: number, size: number, least: number }} box
 * @returns {Drawing}
 */
export function fitted(drawing, { side, size, least }) {
  const box = boxOf(drawing);
  if (!box) return [];
  const scale = size / Math.max(box.width, box.height, least);
  const [x0, y0] = [box.left + box.width / 2, box.top + box.height / 2];
  return drawing.map((stroke) =>
    stroke.map(([x, y]) => [side / 2 + (x - x0) * scale, side / 2 + (y - y0) * scale]),
  );
}
