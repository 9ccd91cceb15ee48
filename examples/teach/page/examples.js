/** @import { Point } from "./strokes.js" */
/** @import { TaughtSymbol } from "./symbols.js" */

/** Points on a curve for t from 0 to 1. @param {number} count @param {(t: number) => Point} curve @returns {Point[]} */
const along = (count, curve) => Array.from({ length: count + 1 }, (_, i) => curve(i / count));
const TURN = 2 * Math.PI;

/** On a circle around the middle; from the top, clockwise. @param {number} turns @param {number} radius @returns {Point} */
const onCircle = (turns, radius) => [
  0.5 + radius * Math.sin(turns * TURN),
  0.5 - radius * Math.cos(turns * TURN),
];

/** Five symbols to begin with, for those who would rather look first than draw. @type {readonly TaughtSymbol[]} */
export const examples = [
  {
    name: "heart",
    drawings: [
      [
        along(40, (t) => [
          0.5 + 0.3 * Math.sin(t * TURN) ** 3,
          0.5 -
            (13 * Math.cos(t * TURN) - 5 * Math.cos(2 * t * TURN) - 2 * Math.cos(3 * t * TURN)) /
              50,
        ]),
      ],
    ],
  },
  { name: "star", drawings: [[along(5, (t) => onCircle(2 * t, 0.35))]] },
  { name: "spiral", drawings: [[along(60, (t) => onCircle(2.5 * t, 0.04 + 0.3 * t))]] },
  {
    name: "house",
    drawings: [
      [
        [
          [0.25, 0.45],
          [0.25, 0.8],
          [0.75, 0.8],
          [0.75, 0.45],
        ],
        [
          [0.15, 0.52],
          [0.5, 0.2],
          [0.85, 0.52],
        ],
      ],
    ],
  },
  {
    name: "arrow",
    drawings: [
      [
        [
          [0.15, 0.5],
          [0.85, 0.5],
        ],
        [
          [0.62, 0.28],
          [0.85, 0.5],
          [0.62, 0.72],
        ],
      ],
    ],
  },
];
