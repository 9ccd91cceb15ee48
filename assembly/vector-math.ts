/**
 * y ← f(x) over a run of n ≥ 0 floats in memory; x and y may be the same run. Nothing behind x[n −
 * 1] is read, nothing behind y[n − 1] written. f and its accuracy: math.ts, normal.ts,
 * trigonometry.ts.
 */
import { exp, log, sigmoid, softplus, tanh } from "./math";
import { normalCdf, normalDensity } from "./normal";
import { LANES, loadLanes, storeLanes } from "./simd";
import { cos, sin } from "./trigonometry";

/** Bytes of a vector. */
// @ts-ignore: decorator
@inline const VECTOR: usize = 16;

const enum Name {
  Exp,
  Log,
  Tanh,
  Sin,
  Cos,
  Sigmoid,
  Softplus,
  NormalCdf,
  NormalDensity,
}

/** f is a constant wherever this is inlined: one of the calls remains. */
// @ts-ignore: decorator
@inline
function value(f: Name, x: v128): v128 {
  if (f == Name.Exp) return exp(x);
  if (f == Name.Log) return log(x);
  if (f == Name.Tanh) return tanh(x);
  if (f == Name.Sin) return sin(x);
  if (f == Name.Cos) return cos(x);
  if (f == Name.Sigmoid) return sigmoid(x);
  if (f == Name.Softplus) return softplus(x);
  if (f == Name.NormalCdf) return normalCdf(x);
  return normalDensity(x);
}

// @ts-ignore: decorator
@inline
function map(f: Name, n: i32, x: usize, y: usize): void {
  for (; n >= LANES; n -= LANES) {
    v128.store(y, value(f, v128.load(x)));
    x += VECTOR;
    y += VECTOR;
  }
  if (n > 0) storeLanes(y, value(f, loadLanes(x, n)), n);
}

export function expRun(n: i32, x: usize, y: usize): void {
  map(Name.Exp, n, x, y);
}

export function logRun(n: i32, x: usize, y: usize): void {
  map(Name.Log, n, x, y);
}

export function tanhRun(n: i32, x: usize, y: usize): void {
  map(Name.Tanh, n, x, y);
}

export function sinRun(n: i32, x: usize, y: usize): void {
  map(Name.Sin, n, x, y);
}

export function cosRun(n: i32, x: usize, y: usize): void {
  map(Name.Cos, n, x, y);
}

export function sigmoidRun(n: i32, x: usize, y: usize): void {
  map(Name.Sigmoid, n, x, y);
}

export function softplusRun(n: i32, x: usize, y: usize): void {
  map(Name.Softplus, n, x, y);
}

export function normalCdfRun(n: i32, x: usize, y: usize): void {
  map(Name.NormalCdf, n, x, y);
}

export function normalDensityRun(n: i32, x: usize, y: usize): void {
  map(Name.NormalDensity, n, x, y);
}
