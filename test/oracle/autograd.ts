/**
 * Reverse-mode differentiation over small f64 matrices, made to be judged by, not to be fast.
 * Pullbacks are written in the same operations as everything else, so a gradient is again a graph
 * and can be differentiated, as often as wanted. Shares nothing with src/.
 */
export interface Tensor {
  readonly rows: number;
  readonly cols: number;
  /** rows×cols, row-major. */
  readonly data: Float64Array;
  /** Higher than that of everything it was made from. */
  readonly id: number;
  readonly parents: readonly Parent[];
}

/** What y was made from, and the map from dy to its share of dx. */
type Parent = readonly [x: Tensor, pullback: (dy: Tensor) => Tensor];
type Operand = Tensor | number;

let made = 0;

function node(
  [rows, cols]: readonly [number, number],
  data: Float64Array,
  parents: readonly Parent[] = [],
): Tensor {
  if (data.length !== rows * cols)
    throw new RangeError(`data: expected ${rows}×${cols}, got ${data.length}`);
  return { rows, cols, data, id: made++, parents };
}

/** A leaf: a variable if `grad` is asked for it, else a constant. Copies the values. */
export function tensor(rows: number, cols: number, values: ArrayLike<number>): Tensor {
  return node([rows, cols], Float64Array.from(values));
}

export function filled(rows: number, cols: number, value: number): Tensor {
  return node([rows, cols], new Float64Array(rows * cols).fill(value));
}

/** The same values, seen as a constant. */
export function detach(x: Tensor): Tensor {
  return tensor(x.rows, x.cols, x.data);
}

/**
 * d(output)/d(input) for each input, as tensors that depend on the same leaves as `output` does.
 * Each input counts as a variable of its own: what it was itself computed from is not followed.
 */
export function grad(output: Tensor, inputs: readonly Tensor[]): Tensor[] {
  if (output.data.length !== 1) throw new RangeError("grad: expected a 1×1 output");
  const between = dependents(output, new Set(inputs));
  const gradients = new Map([[output, filled(1, 1, 1)]]);
  for (const y of [...between].toReversed()) {
    if (inputs.includes(y)) continue;
    for (const [x, pullback] of y.parents) {
      if (!between.has(x)) continue;
      const [dx, share] = [gradients.get(x), pullback(gradients.get(y)!)];
      gradients.set(x, dx ? add(dx, share) : share);
    }
  }
  return inputs.map((x) => gradients.get(x) ?? filled(x.rows, x.cols, 0));
}

/**
 * All that `output` is made from and that depends on one of `inputs`, with both ends; oldest first.
 */
function dependents(output: Tensor, inputs: ReadonlySet<Tensor>): Set<Tensor> {
  const seen = new Set([output]);
  for (const y of seen) if (!inputs.has(y)) y.parents.forEach(([x]) => seen.add(x));
  const found = new Set<Tensor>();
  for (const y of [...seen].sort((a, b) => a.id - b.id))
    if (inputs.has(y) || y.parents.some(([x]) => found.has(x))) found.add(y);
  return found;
}

export function add(a: Operand, b: Operand): Tensor {
  const [x, y] = aligned(a, b);
  const data = x.data.map((value, i) => value + y.data[i]);
  return node([x.rows, x.cols], data, [
    [x, (dz) => dz],
    [y, (dz) => dz],
  ]);
}

export function mul(a: Operand, b: Operand): Tensor {
  const [x, y] = aligned(a, b);
  const data = x.data.map((value, i) => value * y.data[i]);
  return node([x.rows, x.cols], data, [
    [x, (dz) => mul(dz, y)],
    [y, (dz) => mul(dz, x)],
  ]);
}

export function sub(a: Operand, b: Operand): Tensor {
  return add(a, mul(b, -1));
}

export function div(a: Operand, b: Operand): Tensor {
  return mul(a, typeof b === "number" ? 1 / b : power(b, -1));
}

/**
 * Both operands at the shape that they have in common: a side of 1 is repeated to that of the
 * other.
 */
function aligned(a: Operand, b: Operand): readonly [Tensor, Tensor] {
  const [x, y] = [a, b].map((z) => (typeof z === "number" ? filled(1, 1, z) : z));
  const rows = Math.max(x.rows, y.rows);
  const cols = Math.max(x.cols, y.cols);
  return [broadcast(x, rows, cols), broadcast(y, rows, cols)];
}

/** yᵢⱼ = xᵢⱼ, where a side of x that is 1 is repeated. */
export function broadcast(x: Tensor, rows: number, cols: number): Tensor {
  if (x.rows === rows && x.cols === cols) return x;
  if ((x.rows !== rows && x.rows !== 1) || (x.cols !== cols && x.cols !== 1))
    throw new RangeError(`shape: expected ${rows}×${cols}, got ${x.rows}×${x.cols}`);
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < data.length; i++) data[i] = x.data[repeated(x, i, cols)];
  return node([rows, cols], data, [[x, (dy) => sumTo(dy, x.rows, x.cols)]]);
}

/** The sum over each side asked to be 1; `sumTo(x, 1, 1)` is the sum of all. */
export function sumTo(x: Tensor, rows: number, cols: number): Tensor {
  if (x.rows === rows && x.cols === cols) return x;
  const y = node([rows, cols], new Float64Array(rows * cols), [
    [x, (dy) => broadcast(dy, x.rows, x.cols)],
  ]);
  for (let i = 0; i < x.data.length; i++) y.data[repeated(y, i, x.cols)] += x.data[i];
  return y;
}

/** Where element i of a matrix with `cols` columns finds its value in the smaller x. */
function repeated(x: Tensor, i: number, cols: number): number {
  const row = x.rows === 1 ? 0 : Math.floor(i / cols);
  return row * x.cols + (x.cols === 1 ? 0 : i % cols);
}

export function sum(x: Tensor): Tensor {
  return sumTo(x, 1, 1);
}

export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.cols !== b.rows) throw new RangeError(`matmul: expected ${a.cols} rows, got ${b.rows}`);
  const data = new Float64Array(a.rows * b.cols);
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.cols; k++)
      for (let j = 0; j < b.cols; j++)
        data[i * b.cols + j] += a.data[i * a.cols + k] * b.data[k * b.cols + j];
  return node([a.rows, b.cols], data, [
    [a, (dc) => matmul(dc, transpose(b))],
    [b, (dc) => matmul(transpose(a), dc)],
  ]);
}

export function transpose(x: Tensor): Tensor {
  const data = x.data.map((_, i) => x.data[(i % x.rows) * x.cols + Math.floor(i / x.rows)]);
  return node([x.cols, x.rows], data, [[x, transpose]]);
}

/** A rows×cols matrix out of the flat vector x: 1×n, from element `from` on. */
export function slice(x: Tensor, from: number, rows: number, cols: number): Tensor {
  const data = x.data.slice(from, from + rows * cols);
  return node([rows, cols], data, [[x, (dy) => place(dy, from, x.cols)]]);
}

/** The reverse of slice: x's elements from `from` on in a vector 1×size that is zero elsewhere. */
export function place(x: Tensor, from: number, size: number): Tensor {
  const data = new Float64Array(size);
  data.set(x.data, from);
  return node([1, size], data, [[x, (dy) => slice(dy, from, x.rows, x.cols)]]);
}

/** `count` columns of x, from column `from` on. */
export function columns(x: Tensor, from: number, count: number): Tensor {
  const y = node([x.rows, count], new Float64Array(x.rows * count), [
    [x, (dy) => embed(dy, from, x.cols)],
  ]);
  for (let r = 0; r < x.rows; r++)
    for (let j = 0; j < count; j++) y.data[r * count + j] = x.data[r * x.cols + from + j];
  return y;
}

/** The reverse of columns: x from column `from` on in a matrix of `cols` columns that is zero elsewhere. */
export function embed(x: Tensor, from: number, cols: number): Tensor {
  const y = node([x.rows, cols], new Float64Array(x.rows * cols), [
    [x, (dy) => columns(dy, from, x.cols)],
  ]);
  for (let r = 0; r < x.rows; r++)
    y.data.set(x.data.subarray(r * x.cols, (r + 1) * x.cols), r * cols + from);
  return y;
}

/** The same numbers in the same order as a matrix of another shape. */
export function reshape(x: Tensor, rows: number, cols: number): Tensor {
  return node([rows, cols], x.data, [[x, (dy) => reshape(dy, x.rows, x.cols)]]);
}

/** yᵢ = x_{indices[i]}, elements counted through; where the index is −1, yᵢ = 0. y: rows×cols. */
export function gather(x: Tensor, indices: Int32Array, rows: number, cols: number): Tensor {
  const y = node([rows, cols], new Float64Array(indices.length), [
    [x, (dy) => scatter(dy, indices, x.rows, x.cols)],
  ]);
  for (let i = 0; i < indices.length; i++) if (indices[i] >= 0) y.data[i] = x.data[indices[i]];
  return y;
}

/** The reverse of gather: y_{indices[i]} is the sum of all such xᵢ, 0 where there is none. */
function scatter(x: Tensor, indices: Int32Array, rows: number, cols: number): Tensor {
  const y = node([rows, cols], new Float64Array(rows * cols), [
    [x, (dy) => gather(dy, indices, x.rows, x.cols)],
  ]);
  for (let i = 0; i < indices.length; i++) if (indices[i] >= 0) y.data[indices[i]] += x.data[i];
  return y;
}

/** yᵢⱼ = f(xᵢⱼ), with f′ given as a tensor in terms of x and y. */
export function map(
  x: Tensor,
  f: (value: number) => number,
  slope: (x: Tensor, y: Tensor) => Tensor,
): Tensor {
  const y: Tensor = node([x.rows, x.cols], x.data.map(f), [[x, (dy) => mul(dy, slope(x, y))]]);
  return y;
}

export function exp(x: Tensor): Tensor {
  return map(x, Math.exp, (_, y) => y);
}

export function log(x: Tensor): Tensor {
  return map(x, Math.log, (x) => power(x, -1));
}

export function sqrt(x: Tensor): Tensor {
  return map(x, Math.sqrt, (_, y) => div(0.5, y));
}

/**
 * xᵖ for a constant p. x⁰ is the constant 1, so that whole powers have all their derivatives at 0.
 */
export function power(x: Tensor, p: number): Tensor {
  if (p === 0) return filled(x.rows, x.cols, 1);
  return map(
    x,
    (value) => value ** p,
    (x) => mul(power(x, p - 1), p),
  );
}
