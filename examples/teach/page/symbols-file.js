import { LONGEST_NAME, MOST_DRAWINGS, MOST_SYMBOLS } from "./symbols.js";

/** @import { Drawing, Point, Stroke } from "./strokes.js" */
/** @import { TaughtSymbol } from "./symbols.js" */

const FORMAT = "rvml-symbols";
const VERSION = 1;
/** Points of one drawing; a minute of drawing without a rest has fewer. */
const MOST_POINTS = 10_000;

/** Symbols as the text of a file: names, and strokes in hundredths of a percent of the pad. @param {readonly TaughtSymbol[]} list */
export function writeSymbols(list) {
  const round = (/** @type {number} */ value) => Math.round(value * 1e4) / 1e4;
  const symbols = list.map(({ name, drawings }) => ({
    name,
    drawings: drawings.map((drawing) =>
      drawing.map((stroke) => stroke.map(([x, y]) => [round(x), round(y)])),
    ),
  }));
  return JSON.stringify({ format: FORMAT, version: VERSION, symbols });
}

/**
 * What a file holds, every part of it checked: it may come from anyone.
 *
 * @param {string} text @returns {TaughtSymbol[]}
 * @throws {RangeError} `line for people: what was expected, and what was there instead`
 */
export function readSymbols(text) {
  const file = parse(text);
  if (!isObject(file) || file.format !== FORMAT) refuse("This is not a file of symbols.");
  if (file.version !== VERSION)
    refuse(`This file is of version ${show(file.version)}; this page reads version ${VERSION}.`);
  const { symbols } = file;
  if (!Array.isArray(symbols) || symbols.length === 0 || symbols.length > MOST_SYMBOLS)
    refuse(`Expected 1 to ${MOST_SYMBOLS} symbols in this file, got ${sizeOf(symbols)}.`);
  const read = symbols.map(readSymbol);
  if (new Set(read.map(({ name }) => name)).size < read.length)
    refuse("Two symbols of this file have the same name.");
  return read;
}

/** @param {unknown} value @param {number} index @returns {TaughtSymbol} */
function readSymbol(value, index) {
  const where = `Symbol ${index + 1} of this file`;
  if (!isObject(value)) refuse(`${where} is not a symbol.`);
  const { name, drawings } = value;
  if (typeof name !== "string" || name.trim() === "" || name.length > LONGEST_NAME)
    refuse(`${where} needs a name of 1 to ${LONGEST_NAME} letters.`);
  if (!Array.isArray(drawings) || drawings.length === 0 || drawings.length > MOST_DRAWINGS)
    refuse(`${where} needs 1 to ${MOST_DRAWINGS} drawings, and has ${sizeOf(drawings)}.`);
  return { name, drawings: drawings.map((drawing) => readDrawing(drawing, where)) };
}

/** @param {unknown} value @param {string} where @returns {Drawing} */
function readDrawing(value, where) {
  const isDrawing = Array.isArray(value) && value.length > 0 && value.every(isStroke);
  if (!isDrawing) refuse(`${where} has a drawing that is no list of strokes.`);
  if (value.flat().length > MOST_POINTS) refuse(`${where} has a drawing of too many points.`);
  return value;
}

/** @param {unknown} value @returns {value is Stroke} */
const isStroke = (value) => Array.isArray(value) && value.length > 0 && value.every(isPoint);
/** On the pad, or not far beside it. @param {unknown} value @returns {value is Point} */
const isPoint = (value) =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((each) => typeof each === "number" && each >= -1 && each <= 2);
/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === "object" && value !== null;
/** @param {unknown} value */
const sizeOf = (value) => (Array.isArray(value) ? value.length : "none");
/** @param {unknown} value */
const show = (value) => String(JSON.stringify(value)).slice(0, 20);

/** @param {string} text @returns {unknown} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    refuse("This is not a file of symbols: it is no JSON.");
  }
}

/** @param {string} message @returns {never} */
function refuse(message) {
  throw new RangeError(message);
}
