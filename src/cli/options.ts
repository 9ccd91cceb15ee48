import { InvalidArgumentError } from "commander";

/** Readers of option values; what they refuse ends in exit code 2. */

const refuse = (what: string, value: string): never => {
  throw new InvalidArgumentError(`expected ${what}, got "${value}"`);
};

export const whole =
  (least: number) =>
  (value: string): number => {
    const number = Number(value);
    const fits = value.trim() !== "" && Number.isSafeInteger(number) && number >= least;
    return fits ? number : refuse(`a whole number ≥ ${least}`, value);
  };

export function positive(value: string): number {
  const number = Number(value);
  const fits = value.trim() !== "" && Number.isFinite(number) && number > 0;
  return fits ? number : refuse("a number > 0", value);
}

export function number(value: string): number {
  const read = Number(value);
  return value.trim() !== "" && Number.isFinite(read) ? read : refuse("a number", value);
}

export const choice =
  <T extends string>(...words: readonly T[]) =>
  (value: string): T =>
    words.find((word) => word === value) ?? refuse(words.join(" or "), value);

/** "1" → 1; "1,1,2" → [1, 1, 2], step by step */
export function order(value: string): 1 | 2 | (1 | 2)[] {
  const one = (digit: string): 1 | 2 => (choice("1", "2")(digit) === "1" ? 1 : 2);
  return value.includes(",") ? value.split(",").map(one) : one(value);
}

/** "0.01,0.1" → { from: 0.01, to: 0.1 } */
export function range(value: string): { from: number; to: number } {
  const [from, to, ...more] = value.split(",").map(Number);
  const fits = from > 0 && to >= from && to < Infinity && more.length === 0;
  return fits ? { from, to } : refuse("two numbers > 0, the smaller first", value);
}

/** dropSmall → "--drop-small" */
export const optionName = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** "year,fertility" → ["year", "fertility"] */
export function names(value: string): string[] {
  const list = value.split(",").map((name) => name.trim());
  const twice = list.find((name, i) => list.indexOf(name) < i);
  if (list.includes("")) refuse("names with commas between", value);
  return twice === undefined ? list : refuse("every name once", value);
}

/** "40,40" → [40, 40]; "none" → no hidden layer */
export const sizes = (value: string): number[] =>
  value === "none" ? [] : value.split(",").map(whole(1));

/** "0,1,5" → [0, 1, 5] */
export const stepCounts = (value: string): number[] =>
  [...new Set(value.split(",").map(whole(0)))].toSorted((a, b) => a - b);

/** Collects every value of an option that may stand several times or with several values. */
export const collect = (value: string, list: readonly string[] = []): string[] => [...list, value];

/** The one value of a list, where it is a fraction. */
export function fractionOf(list: readonly string[]): number | undefined {
  const fraction = Number(list[0]);
  return list.length === 1 && fraction > 0 && fraction < 1 ? fraction : undefined;
}
