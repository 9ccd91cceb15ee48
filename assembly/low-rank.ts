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
import { BlockField, Field, Header, LayerKind, LossKind, TapeField } from "./abi";
import { addParameterGradient, addProduct, biasOf } from "./affine";
import { gemm } from "./gemm";
import { before, RECORD_BYTES, sizeOf, word } from "./layer";
import { lossGradient, lossTangent } from "./loss";
import {
  backwardLayer, backwardTangentLayer, first, forwardLayer, forwardTangentLayer, header, last, workspaceFloats,
} from "./network";
import { F32 } from "./simd";

const enum Pass { Forward, Backward, ForwardTangent, BackwardTangent }

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
    } else through(Pass.Forward, block, tape, layer, theta, dTheta);
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
    } else through(Pass.Backward, block, tape, layer, theta, dTheta);
  }
}

/** The tangents along u = c_k v_{k+1} of what lowRankGradient left on tape k < K. Adds to dTheta for layers that do not adapt. Cost: 2n. */
export function lowRankTangent(block: usize, k: i32, theta: usize, dTheta: usize): void {
  const tape = tapeOf(block, k), plan = field(tape, TapeField.Plan), rows = rowsOf(block, tape);
  for (let layer = first(plan), end = last(plan); layer <= end; layer += RECORD_BYTES) {
    if (!word(layer, Field.Tangent)) continue;
    if (isDense(layer)) denseTangent(block, k, layer, rows, theta);
    else through(Pass.ForwardTangent, block, tape, layer, theta, dTheta);
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
    } else through(Pass.BackwardTangent, block, tape, layer, theta, dTheta);
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
      const inSize = sizeOf(before(layer)), outSize = sizeOf(layer), dw = dTheta + word(layer, Field.Parameters);
      const right = k == steps ? dy : word(layer, Field.GradientTangent);
      addParameterGradient(rows, inSize, outSize, x, right, dw, biasOf(layer, dw, inSize, outSize));
      if (k < steps && rx) addParameterGradient(rows, inSize, outSize, rx, dy, dw, 0);
    }
  }
}

/** A pass of a layer that does not adapt: of all tasks at once, or, where rows depend on each other, of one after the other. */
function through(pass: Pass, block: usize, tape: usize, layer: usize, theta: usize, dTheta: usize): void {
  const zeros = field(block, BlockField.Zeros);
  if (word(layer, Field.Kind) != LayerKind.BatchNorm) {
    const rows = rowsOf(block, tape);
    run(pass, layer, rows, rows, theta, zeros, dTheta);
    return;
  }
  for (let t = 0, tasks = tasksOf(block); t < tasks; t++) {
    run(pass, segment(block, tape, layer, t), rowsEach(tape), counted(tape), theta, zeros, dTheta);
  }
}

function run(pass: Pass, layer: usize, rows: i32, counted: i32, theta: usize, zeros: usize, dTheta: usize): void {
  switch (pass) {
    case Pass.Forward: forwardLayer(layer, rows, counted, theta); break;
    case Pass.Backward: backwardLayer(layer, rows, counted, theta, dTheta, Field.Gradient); break;
    case Pass.ForwardTangent: forwardTangentLayer(layer, rows, counted, theta, zeros); break;
    default: backwardTangentLayer(layer, rows, counted, theta, zeros, dTheta);
  }
}

/** ry ← x·U + u_b + rx·W_k, U and u_b the layer's parts of u. */
function denseTangent(block: usize, k: i32, layer: usize, rows: i32, theta: usize): void {
  const x = input(layer, Field.Value), rx = input(layer, Field.Tangent), ry = word(layer, Field.Tangent);
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer);
  if (rx) {
    addProduct(rows, inSize, outSize, rx, theta + word(layer, Field.Parameters), 0, ry);
    addChange(block, k, layer, rx, ry, false, false);
  } else memory.fill(ry, 0, <usize>(rows * outSize) * F32);
  addAdjoint(block, k, layer, x, ry, true, false);
}

/** y += x·Σ_{j<k} c_j(Xⱼᵀ Dⱼ), with b's part where `biased`; transposed: y += x·Σ c_j(Dⱼᵀ Xⱼ). x and y are of tape k. */
function addChange(block: usize, k: i32, layer: usize, x: usize, y: usize, biased: bool, transposed: bool): void {
  for (let j = 0; j < k; j++) {
    const tape = tapeOf(block, j), other = sameLayer(block, k, layer, j);
    addFactor(block, k, tape, layer, x, y, input(other, Field.Value), word(other, Field.Gradient), tape, biased, transposed);
  }
}

/** y += x·u, u = c_k v_{k+1}, likewise. */
function addAdjoint(block: usize, k: i32, layer: usize, x: usize, y: usize, biased: bool, transposed: bool): void {
  const steps = <i32>field(block, BlockField.Steps), rates = tapeOf(block, k);
  for (let j = steps; j > k; j--) {
    const tape = tapeOf(block, j), other = sameLayer(block, k, layer, j);
    const left = input(other, Field.Value), dy = word(other, Field.Gradient);
    if (j == steps) {
      addFactor(block, k, tape, layer, x, y, left, dy, rates, biased, transposed);
      continue;
    }
    if (!field(tape, TapeField.Exact)) continue;
    addFactor(block, k, tape, layer, x, y, left, word(other, Field.GradientTangent), rates, biased, transposed);
    const rx = input(other, Field.Tangent);
    if (rx) addFactor(block, k, tape, layer, x, y, rx, dy, rates, false, transposed);
  }
}

/** For every task: y += c(xLᵀ)R, and c_b(1 1ᵀ)R where biased; transposed: y += c(xRᵀ)L. */
function addFactor(
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
