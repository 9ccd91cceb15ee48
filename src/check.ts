/**
 * The errors of the public edge: `where: expected WHAT, got VALUE`, as in `maml: expected
 * innerSteps ≥ 0, got -1`. `where` is the public function, `name` the option. RangeError: the right
 * kind, but not this value. TypeError: the wrong kind. Each check returns the value it was given,
 * so that it can stand where the value is used.
 */

/** Bounds of a number: `min` and `max` may be reached, `above` and `below` may not. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** Throws the RangeError `where: expected WHAT, got VALUE`. */
export function refuse(where: string, what: string, got: unknown): never {
  throw new RangeError(`${where}: expected ${what}, got ${show(got)}`);
}

/** Throws the TypeError `where: expected WHAT, got VALUE`. */
export function refuseKind(where: string, what: string, got: unknown): never {
  throw new TypeError(`${where}: expected ${what}, got ${show(got)}`);
}

/** Throws the RangeError `where: expected WHAT, got WORDS`, where no value says as much. */
export function refuseWords(where: string, what: string, words: string): never {
  throw new RangeError(`${where}: expected ${what}, got ${words}`);
}

/**
 * An integer within `bounds`, and within ±(2⁵³ − 1) in any case.
 *
 * @throws {RangeError} `maml: expected innerSteps ≥ 0, got -1`, `maml: expected integer innerSteps
 * ≥ 0, got 1.5`
 * @throws {TypeError} `maml: expected integer innerSteps ≥ 0, got "1"`
 */
export function checkInteger(
  where: string,
  name: string,
  value: unknown,
  bounds: Bounds = {},
): number {
  if (typeof value !== "number") refuseKind(where, `integer ${range(name, bounds)}`, value);
  if (!Number.isSafeInteger(value)) refuse(where, `integer ${range(name, bounds)}`, value);
  if (!within(value, bounds)) refuse(where, range(name, bounds), value);
  return value;
}

/**
 * A finite number within `bounds`.
 *
 * @throws {RangeError} `maml: expected innerLearningRate > 0, got 0`, `…: expected finite x, got
 * NaN`
 * @throws {TypeError} `maml: expected number innerLearningRate > 0, got "0.1"`
 */
export function checkNumber(
  where: string,
  name: string,
  value: unknown,
  bounds: Bounds = {},
): number {
  if (typeof value !== "number") refuseKind(where, `number ${range(name, bounds)}`, value);
  if (!Number.isFinite(value)) refuse(where, `finite ${range(name, bounds)}`, value);
  if (!within(value, bounds)) refuse(where, range(name, bounds), value);
  return value;
}

/**
 * One of a list of values (told apart by ===).
 *
 * @throws {RangeError} `mlp: expected activation "relu" or "tanh", got "rleu"`
 * @throws {TypeError} the same words, where the value's type is that of none in the list
 */
export function checkOneOf<T>(where: string, name: string, value: unknown, list: readonly T[]): T {
  if (list.includes(value as T)) return value as T;
  const known = list.some((item) => typeof item === typeof value);
  return (known ? refuse : refuseKind)(where, `${name} ${either(list.map(show))}`, value);
}

/**
 * An array of finite numbers. Arrays of f32 or f64 cost one pass of additions (about 1 ns an
 * element); only a bad one is searched. All others are searched at once, for in plain arrays strings
 * would slip through arithmetic.
 *
 * @throws {RangeError} `metaStep: expected finite inputs, got NaN at index 7`
 * @throws {TypeError} `metaStep: expected numbers in inputs, got "1" at index 7`; not an array at
 * all
 */
export function checkFinite<T extends ArrayLike<number>>(where: string, name: string, array: T): T {
  if (array instanceof Float32Array ? allFinite32(array) : isFinite64(array)) return array;
  checkArray(where, name, array);
  for (let i = 0; i < array.length; i++) {
    const value: unknown = array[i];
    if (Number.isFinite(value)) continue;
    const [error, what] =
      typeof value === "number" ? [RangeError, "finite"] : [TypeError, "numbers in"];
    throw new error(`${where}: expected ${what} ${name}, got ${show(value)} at index ${i}`);
  }
  return array;
}

/**
 * An array of numbers that are finite in f32 too, in which all arithmetic here is done.
 *
 * @throws {RangeError} `adapt: expected support.inputs of at most 3.4e38, got 1e+39 at index 0`
 * @throws {RangeError | TypeError} as {@link checkFinite}
 */
export function checkFloats<T extends ArrayLike<number>>(where: string, name: string, array: T): T {
  checkFinite(where, name, array);
  if (array instanceof Float32Array) return array;
  for (let i = 0; i < array.length; i++)
    if (!Number.isFinite(Math.fround(array[i])))
      throw new RangeError(
        `${where}: expected ${name} of at most 3.4e38, got ${show(array[i])} at index ${i}`,
      );
  return array;
}

/**
 * An array, typed or plain; of `length` elements where that is given, and `why` tells where the
 * length comes from.
 *
 * @throws {TypeError} `predict: expected array inputs, got 3`
 * @throws {RangeError} `metaStep: expected inputs.length 20 (10 rows of 2), got 19`
 */
export function checkArray<T extends ArrayLike<unknown>>(
  where: string,
  name: string,
  array: T,
  length?: number,
  why?: string,
): T {
  const isArray = Array.isArray(array) || (ArrayBuffer.isView(array) && "length" in array);
  if (!isArray) refuseKind(where, `array ${name}`, array);
  if (length !== undefined && array.length !== length)
    refuse(where, `${name}.length ${length}${why ? ` (${why})` : ""}`, array.length);
  return array;
}

/**
 * An object with no other names than `allowed`; a misspelled option must not be ignored in silence.
 *
 * @throws {TypeError} `maml: expected options innerLearningRate, innerSteps or order, got
 * "innerLr"`
 * @throws {TypeError} `maml: expected an object of options, got 3`
 */
export function checkOptions<T extends object>(
  where: string,
  options: T,
  allowed: readonly string[],
): T {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    refuseKind(where, "an object of options", options);
  for (const key of Object.keys(options))
    if (!allowed.includes(key)) refuseKind(where, `options ${either(allowed)}`, key);
  return options;
}

/**
 * A value in a few words, for messages: `-0`, `"text"`, `[1, 2, … 9 in all]`, `Float32Array(12)`,
 * `{ a, b }`.
 */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`.trimEnd();
  if (typeof value !== "object" || value === null)
    return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return showList(value);
  const kind = (Object.getPrototypeOf(value)?.constructor as { name?: string } | undefined)?.name;
  if (ArrayBuffer.isView(value) && "length" in value) return `${kind}(${String(value.length)})`;
  const keys = Object.keys(value).slice(0, 6).join(", ");
  return `${kind && kind !== "Object" ? `${kind} ` : ""}${keys ? `{ ${keys} }` : "{}"}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `steps ≥ 0`, `0 < rate < 1`, or the name alone. */
function range(name: string, { min, max, above, below }: Bounds): string {
  const low = min !== undefined ? [min, "≤", "≥"] : above !== undefined ? [above, "<", ">"] : null;
  const high = max !== undefined ? `≤ ${max}` : below !== undefined ? `< ${below}` : "";
  if (low && high) return `${low[0]} ${low[1]} ${name} ${high}`;
  return low ? `${name} ${low[2]} ${low[0]}` : high ? `${name} ${high}` : name;
}

function within(value: number, { min, max, above, below }: Bounds): boolean {
  if (min !== undefined && value < min) return false;
  if (max !== undefined && value > max) return false;
  if (above !== undefined && value <= above) return false;
  return below === undefined || value < below;
}

/** v − v is 0 for a finite v and NaN otherwise; four sums, for one would wait on itself. */
function allFinite32(array: Float32Array): boolean {
  const even = array.length - (array.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < even; i += 4) {
    a += array[i] - array[i];
    b += array[i + 1] - array[i + 1];
    c += array[i + 2] - array[i + 2];
    d += array[i + 3] - array[i + 3];
  }
  for (let i = even; i < array.length; i++) a += array[i] - array[i];
  return a + b + c + d === 0;
}

/** Whether this is an array of f64, and all of it is finite. */
function isFinite64(array: ArrayLike<number>): boolean {
  if (!(array instanceof Float64Array)) return false;
  let sum = 0;
  for (let i = 0; i < array.length; i++) sum += array[i] - array[i];
  return sum === 0;
}

function showList(list: readonly unknown[]): string {
  const shown = list.slice(0, 4).map((item) => (Array.isArray(item) ? "[…]" : show(item)));
  if (list.length > shown.length) shown.push(`… ${list.length} in all`);
  return `[${shown.join(", ")}]`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
