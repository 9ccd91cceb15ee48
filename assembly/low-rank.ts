/**
 * Several tasks side by side, whose fast weights are never formed. Gradient descent changes a dense layer's W by matrices of rank `rows`,
 *
 *     W_k = W + Σ_{j<k} c_j Xⱼᵀ Dⱼ,   b_k = b + Σ_{j<k} c_j 1ᵀ Dⱼ,   X: the layer's inputs at step j, D: d loss / d outputs, c: −α
 *
 * so that x W_k = xW + Σⱼ c_j (xXⱼᵀ)Dⱼ: all tasks of a block go through one product with W, which they share, and each through small ones of
 * its own. What comes back is of the same kind. With v the adjoint of θ_{k+1} and u = c_k v,
 *
 *     v_K = (X, D) of the query,    v_k = v_{k+1} + ∇²L(θ_k)·u = v_{k+1} + (X_k, rD_k) + (rX_k, D_k)
 *
 * where the tangents rX, rD along u stand in the tape of step k; the meta-gradient is one product over the rows of all tasks for each factor.
 * Layers that are not dense do not adapt here, and are the tasks' own only where they couple rows (batch norm).
 *
 * Multiply-adds of a dense layer, n = rows·in·out a task: forward n, backward n, tangents 2n, the meta-gradient n a factor; besides
 * 2·rows²·(in + out) for each factor of θ_k or of v that a pass meets.
 */
import { BlockField, DenseOption, Field, Header, LayerKind, LossKind, TapeField } from "./abi";
import { gemm } from "./gemm";
import { before, RECORD_BYTES, sizeOf, word } from "./layer";
import { lossGradient, lossTangent } from "./loss";
import {
  backwardLayer, backwardTangentLayer, first, forwardLayer, forwardTangentLayer, header, last, workspaceFloats,
} from "./network";
import { F32 } from "./simd";
import { addColumnSums } from "./vector";

/**
 * Forward and backward on tape k at θ_k: leaves outputs, gradients and each task's loss. The gradient is times `factor`; that of layers
 * that do not adapt is added to dTheta, if that is not 0. Cost: 2n a dense layer.
 */
export function lowRankGradient(block: usize, k: i32, theta: usize, factor: f32, dTheta: usize): void {
  const tape = tapeOf(block, k), plan = field(tape, TapeField.Plan), rows = rowsOf(block, tape);
  for (let layer = first(plan), end = last(plan); layer <= end; layer += RECORD_BYTES) {
    if (isDense(layer)) {
      forwardLayer(layer, rows, rows, theta);
      addChange(block, k, layer, input(layer, Field.Value), word(layer, Field.Value), true, false);
    } else if (isJoint(layer)) forwardLayer(layer, rows, rows, theta);
    else {
      for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
        forwardLayer(segment(block, tape, layer, t), rowsEach(tape), counted(tape), theta);
      }
    }
  }
  losses(block, tape, factor);
  for (let layer = last(plan), start = first(plan); layer >= start; layer -= RECORD_BYTES) {
    // Below the first dense layer.
    if (!word(layer, Field.Gradient)) break;
    if (isDense(layer)) {
      // What a dense layer adds to the meta-gradient is its factors, which stand in the tapes.
      backwardLayer(layer, rows, rows, theta, 0, Field.Gradient);
      const dx = input(layer, Field.Gradient);
      if (dx) addChange(block, k, layer, word(layer, Field.Gradient), dx, false, true);
    } else if (isJoint(layer)) backwardLayer(layer, rows, rows, theta, dTheta, Field.Gradient);
    else {
      for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
        backwardLayer(segment(block, tape, layer, t), rowsEach(tape), counted(tape), theta, dTheta, Field.Gradient);
      }
    }
  }
}

/** The tangents along u = c_k v_{k+1} of what lowRankGradient left on tape k < K. Adds to dTheta for layers that do not adapt. Cost: 2n. */
export function lowRankTangent(block: usize, k: i32, theta: usize, dTheta: usize): void {
  const tape = tapeOf(block, k), plan = field(tape, TapeField.Plan), rows = rowsOf(block, tape);
  const zeros = field(block, BlockField.Zeros);
  for (let layer = first(plan), end = last(plan); layer <= end; layer += RECORD_BYTES) {
    if (!word(layer, Field.Tangent)) continue;
    if (isDense(layer)) denseTangent(block, k, layer, rows, theta);
    else if (isJoint(layer)) forwardTangentLayer(layer, rows, rows, theta, zeros);
    else {
      for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
        forwardTangentLayer(segment(block, tape, layer, t), rowsEach(tape), counted(tape), theta, zeros);
      }
    }
  }
  lossTangents(block, tape);
  for (let layer = last(plan), start = first(plan); layer >= start; layer -= RECORD_BYTES) {
    if (!word(layer, Field.Tangent)) break;
    if (isDense(layer)) {
      const rdx = input(layer, Field.GradientTangent);
      if (!rdx) continue;
      backwardLayer(layer, rows, rows, theta, 0, Field.GradientTangent);
      addChange(block, k, layer, word(layer, Field.GradientTangent), rdx, false, true);
      addAdjoint(block, k, layer, word(layer, Field.Gradient), rdx, false, true);
    } else if (isJoint(layer)) backwardTangentLayer(layer, rows, rows, theta, zeros, dTheta);
    else {
      for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
        backwardTangentLayer(segment(block, tape, layer, t), rowsEach(tape), counted(tape), theta, zeros, dTheta);
      }
    }
  }
}

/** dTheta += v₀, of the dense layers: what the tapes hold, summed over the tasks. Cost: n a factor. */
export function lowRankSum(block: usize, dTheta: usize): void {
  const steps = <i32>field(block, BlockField.Steps);
  for (let k = steps; k >= 0; k--) {
    const tape = tapeOf(block, k), plan = field(tape, TapeField.Plan), rows = rowsOf(block, tape);
    if (k < steps && !field(tape, TapeField.Exact)) continue;
    for (let layer = first(plan), end = last(plan); layer <= end; layer += RECORD_BYTES) {
      if (!isDense(layer)) continue;
      const x = input(layer, Field.Value), rx = input(layer, Field.Tangent), dy = word(layer, Field.Gradient);
      if (k == steps) {
        addFactorSum(layer, rows, x, dy, dTheta, true);
        continue;
      }
      addFactorSum(layer, rows, x, word(layer, Field.GradientTangent), dTheta, true);
      if (rx) addFactorSum(layer, rows, rx, dy, dTheta, false);
    }
  }
}

/** ry ← x·U + u_b + rx·W_k, U and u_b the layer's parts of u. */
function denseTangent(block: usize, k: i32, layer: usize, rows: i32, theta: usize): void {
  const x = input(layer, Field.Value), rx = input(layer, Field.Tangent), ry = word(layer, Field.Tangent);
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer);
  if (rx) {
    gemm(rows, outSize, inSize, 1, rx, inSize, 1, theta + word(layer, Field.Parameters), outSize, 1, 0, ry, outSize, 1);
    addChange(block, k, layer, rx, ry, false, false);
  } else memory.fill(ry, 0, <usize>(rows * outSize) * F32);
  addAdjoint(block, k, layer, x, ry, true, false);
}

/** y += x·Σ_{j<k} c_j(Xⱼᵀ Dⱼ), with b's part where `biased`; transposed: y += x·Σ c_j(Dⱼᵀ Xⱼ). x and y are of tape k. */
function addChange(block: usize, k: i32, layer: usize, x: usize, y: usize, biased: bool, transposed: bool): void {
  for (let j = 0; j < k; j++) {
    const tape = tapeOf(block, j), other = sameLayer(block, k, layer, j);
    addProduct(block, k, tape, layer, x, y, input(other, Field.Value), word(other, Field.Gradient), tape, biased, transposed);
  }
}

/** y += x·u, u = c_k v_{k+1}, likewise. */
function addAdjoint(block: usize, k: i32, layer: usize, x: usize, y: usize, biased: bool, transposed: bool): void {
  const steps = <i32>field(block, BlockField.Steps), rates = tapeOf(block, k);
  for (let j = steps; j > k; j--) {
    const tape = tapeOf(block, j), other = sameLayer(block, k, layer, j);
    const left = input(other, Field.Value), dy = word(other, Field.Gradient);
    if (j == steps) {
      addProduct(block, k, tape, layer, x, y, left, dy, rates, biased, transposed);
      continue;
    }
    if (!field(tape, TapeField.Exact)) continue;
    addProduct(block, k, tape, layer, x, y, left, word(other, Field.GradientTangent), rates, biased, transposed);
    const rx = input(other, Field.Tangent);
    if (rx) addProduct(block, k, tape, layer, x, y, rx, dy, rates, false, transposed);
  }
}

/** For every task: y += c(xLᵀ)R, and c_b(1 1ᵀ)R where biased; transposed: y += c(xRᵀ)L. */
function addProduct(
  block: usize, k: i32, tape: usize, layer: usize, x: usize, y: usize, left: usize, right: usize, rates: usize, biased: bool, transposed: bool,
): void {
  const rows = rowsEach(tapeOf(block, k)), others = rowsEach(tape), scratch = field(block, BlockField.Scratch);
  const a = transposed ? right : left, b = transposed ? left : right;
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer);
  const sizeA = transposed ? outSize : inSize, sizeB = transposed ? inSize : outSize;
  const at = field(rates, TapeField.Rates) + 2 * indexOf(block, k, layer) * F32;
  const c = load<f32>(at), cBias: f32 = biased ? load<f32>(at, 4) : 0;
  for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
    const xt = x + <usize>(t * rows * sizeA) * F32, at = a + <usize>(t * others * sizeA) * F32;
    const bt = b + <usize>(t * others * sizeB) * F32, yt = y + <usize>(t * rows * sizeB) * F32;
    gemm(rows, others, sizeA, c, xt, sizeA, 1, at, 1, sizeA, 0, scratch, others, 1);
    if (cBias != 0) {
      for (let i = 0, n = rows * others; i < n; i++) {
        const place = scratch + <usize>i * F32;
        store<f32>(place, load<f32>(place) + cBias);
      }
    }
    gemm(rows, sizeB, others, 1, scratch, others, 1, bt, sizeB, 1, 1, yt, sizeB, 1);
  }
}

/** dW += Lᵀ R,  db += Σ R over rows, if biased. */
function addFactorSum(layer: usize, rows: i32, left: usize, right: usize, dTheta: usize, biased: bool): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer), dw = dTheta + word(layer, Field.Parameters);
  gemm(inSize, outSize, rows, 1, left, 1, inSize, right, outSize, 1, 1, dw, outSize, 1);
  if (biased && hasBias(layer)) addColumnSums(rows, outSize, right, dw + <usize>(inSize * outSize) * F32);
}

/** Each task's loss, and factor times its gradient. */
function losses(block: usize, tape: usize, factor: f32): void {
  const plan = field(tape, TapeField.Plan), out = last(plan), size = sizeOf(out), rows = rowsEach(tape);
  const kind = <LossKind>header(plan, Header.Loss), width = kind == LossKind.CrossEntropy ? 1 : size;
  const weights = field(tape, TapeField.Weights), scales = field(tape, TapeField.Scales);
  for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
    const row = <usize>(t * rows), at = row * size * F32;
    const value = lossGradient(
      kind, rows, size, word(out, Field.Value) + at, <usize>header(plan, Header.Targets) + row * width * F32,
      weights ? weights + row * F32 : 0, load<f32>(scales + <usize>t * F32), factor, word(out, Field.Gradient) + at,
    );
    store<f64>(field(block, BlockField.Losses) + (<usize>t << 3), value);
  }
}

function lossTangents(block: usize, tape: usize): void {
  const plan = field(tape, TapeField.Plan), out = last(plan), size = sizeOf(out), rows = rowsEach(tape);
  const weights = field(tape, TapeField.Weights), scales = field(tape, TapeField.Scales);
  for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
    const row = <usize>(t * rows), at = row * size * F32;
    lossTangent(
      <LossKind>header(plan, Header.Loss), rows, size, word(out, Field.Value) + at, weights ? weights + row * F32 : 0,
      load<f32>(scales + <usize>t * F32), word(out, Field.Tangent) + at, word(out, Field.GradientTangent) + at,
    );
  }
}

/** The layer as task t alone sees it: a record, with one before, whose runs start at that task's rows. */
function segment(block: usize, tape: usize, layer: usize, t: i32): usize {
  const to = field(block, BlockField.Segment), row = t * rowsEach(tape);
  memory.copy(to - RECORD_BYTES, layer - RECORD_BYTES, 2 * RECORD_BYTES);
  shift(to - RECORD_BYTES, row);
  shift(to, row);
  // The layer's workspace is as large as for as many tasks of a single row.
  const workspace = <usize>(t * workspaceFloats(layer, rowsEach(tape))) * F32;
  store<usize>(to + (<usize>Field.Workspace << 2), word(layer, Field.Workspace) + workspace);
  return to;
}

/** Moves a record's runs down by that many rows. */
function shift(layer: usize, rows: i32): void {
  const bytes = <usize>(rows * sizeOf(layer)) * F32;
  shiftRun(layer, Field.Value, bytes);
  shiftRun(layer, Field.Gradient, bytes);
  shiftRun(layer, Field.Tangent, bytes);
  shiftRun(layer, Field.GradientTangent, bytes);
}

function shiftRun(layer: usize, run: Field, bytes: usize): void {
  const from = word(layer, run);
  if (from) store<usize>(layer + (<usize>run << 2), from + bytes);
}

// @ts-ignore: decorator
@inline
function field(record: usize, index: i32): usize {
  return load<usize>(record + (<usize>index << 2));
}

function tapeOf(block: usize, k: i32): usize {
  return block + (<usize>(BlockField.Length + k * TapeField.Length) << 2);
}

function tasksOf(block: usize): i32 {
  return <i32>field(block, BlockField.Tasks);
}

function rowsEach(tape: usize): i32 {
  return <i32>field(tape, TapeField.Rows);
}

/** Rows of all tasks. */
function rowsOf(block: usize, tape: usize): i32 {
  return tasksOf(block) * rowsEach(tape);
}

/** Rows of each task whose statistics count. */
function counted(tape: usize): i32 {
  const rows = header(field(tape, TapeField.Plan), Header.Counted);
  return rows > 0 ? rows : rowsEach(tape);
}

/** Which record of tape k's plan that is. */
function indexOf(block: usize, k: i32, layer: usize): usize {
  return (layer - first(field(tapeOf(block, k), TapeField.Plan))) / RECORD_BYTES + 1;
}

/** The record of the same layer in tape j's plan. */
function sameLayer(block: usize, k: i32, layer: usize, j: i32): usize {
  return first(field(tapeOf(block, j), TapeField.Plan)) + layer - first(field(tapeOf(block, k), TapeField.Plan));
}

function input(layer: usize, run: Field): usize {
  return word(before(layer), run);
}

function isDense(layer: usize): bool {
  return word(layer, Field.Kind) == LayerKind.Dense;
}

/** Whether all tasks' rows may pass at once: not where a task's rows depend on each other. */
function isJoint(layer: usize): bool {
  return word(layer, Field.Kind) != LayerKind.BatchNorm;
}

function hasBias(layer: usize): bool {
  return word(layer, Field.Option) == DenseOption.Bias;
}
