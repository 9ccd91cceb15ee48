/** @import { Drawing, Point } from "../page/strokes.js" */

/**
 * The pen's way back from an image: its strokes thinned to lines of one pixel (Zhang, Suen 1984), the lines followed from end to end or
 * from crossing to crossing, and smoothed. Order and direction of the strokes are lost, and with them nothing that the page looks at.
 *
 * @param {ArrayLike<number>} pixels side×side, row by row; above ½ is stroke
 * @param {number} side
 * @returns {Drawing} in pixels
 */
export function trace(pixels, side) {
  const grid = new Grid(pixels, side);
  grid.thin();
  return grid.lines().map((line) => smooth(smooth(line.map((at) => grid.point(at)))));
}

/** Each inner point becomes a quarter of its neighbors and half of itself. @param {Point[]} line @returns {Point[]} */
function smooth(line) {
  return line.map((point, i) => {
    const [before, after] = [line[i - 1], line[i + 1]];
    if (!before || !after) return point;
    return [
      before[0] / 4 + point[0] / 2 + after[0] / 4,
      before[1] / 4 + point[1] / 2 + after[1] / 4,
    ];
  });
}

/** Pixels with a border of nothing around them. */
class Grid {
  /** @param {ArrayLike<number>} pixels @param {number} side */
  constructor(pixels, side) {
    const width = side + 2;
    this.width = width;
    this.on = new Uint8Array(width * width);
    for (let i = 0; i < side * side; i++)
      if (pixels[i] > 0.5) this.on[(Math.floor(i / side) + 1) * width + (i % side) + 1] = 1;
    /** From above, clockwise. */
    this.around = [-width, 1 - width, 1, 1 + width, width, width - 1, -1, -1 - width];
  }

  /** @param {number} at @returns {Point} */
  point(at) {
    return [(at % this.width) - 0.5, Math.floor(at / this.width) - 0.5];
  }

  thin() {
    for (let changed = true; changed;)
      changed = [0, 1].map((half) => this.peel(half)).includes(true);
  }

  /** One half of a pass of Zhang and Suen: from the south-east, or from the north-west. @param {number} half */
  peel(half) {
    const doomed = [...this.on.keys()].filter((at) => {
      if (!this.on[at]) return false;
      const ring = this.around.map((step) => this.on[at + step]);
      const count = ring.reduce((sum, one) => sum + one, 0);
      const rises = ring.filter((one, i) => !one && ring[(i + 1) % 8]).length;
      if (count < 2 || count > 6 || rises !== 1) return false;
      const [north, , east, , south, , west] = ring;
      return half === 0
        ? !(north && east && south) && !(east && south && west)
        : !(north && east && west) && !(north && south && west);
    });
    for (const at of doomed) this.on[at] = 0;
    return doomed.length > 0;
  }

  /** Pixels that a line may go on to: diagonally only where no straight way leads there. @param {number} at */
  next(at) {
    return this.around
      .filter((step, i) => {
        if (!this.on[at + step]) return false;
        if (i % 2 === 0) return true;
        return !this.on[at + this.around[i - 1]] && !this.on[at + this.around[(i + 1) % 8]];
      })
      .map((step) => at + step);
  }

  /** All lines: from ends and crossings first, then the closed ones that are left. */
  lines() {
    const all = [...this.on.keys()].filter((at) => this.on[at]);
    const isKnot = (/** @type {number} */ at) => this.next(at).length !== 2;
    /** @type {Set<string>} */
    const walked = new Set();
    const key = (/** @type {number} */ a, /** @type {number} */ b) =>
      `${Math.min(a, b)} ${Math.max(a, b)}`;
    /** @type {number[][]} */
    const lines = [];
    for (const start of [...all.filter(isKnot), ...all.filter((at) => !isKnot(at))]) {
      if (this.next(start).length === 0) lines.push([start]);
      for (const second of this.next(start)) {
        if (walked.has(key(start, second))) continue;
        const line = [start];
        /** @type {number | undefined} */
        let to = second;
        while (to !== undefined) {
          const from = line[line.length - 1];
          walked.add(key(from, to));
          line.push(to);
          to = isKnot(to)
            ? undefined
            : this.next(to).find((each) => !walked.has(key(line[line.length - 1], each)));
        }
        lines.push(line);
      }
    }
    return lines;
  }
}
