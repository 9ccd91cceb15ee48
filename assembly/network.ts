/**
 * The four passes over a whole plan, and what they are composed to. This file alone knows which kinds of layer there are.
 * A batch's inputs stand in record 0's output, its targets where the header says; `weights` may be 0 (none).
 */
import {
  activationBackward, activationBackwardTangent, activationForward, activationForwardTangent,
} from "./activation";
import { Field, Header, LayerKind } from "./abi";
import { batchNormBackward, batchNormBackwardTangent, batchNormForward, batchNormForwardTangent } from "./batch-norm";
import { conv2dBackward, conv2dBackwardTangent, conv2dForward, conv2dForwardTangent } from "./conv2d";
import { contextBackward, contextForward, contextForwardTangent } from "./context";
import { denseBackward, denseBackwardTangent, denseForward, denseForwardTangent } from "./dense";
import {
  frozenNormBackward, frozenNormBackwardTangent, frozenNormForward, frozenNormForwardTangent,
} from "./frozen-norm";
import {
  groupNormBackward, groupNormBackwardTangent, groupNormForward, groupNormForwardTangent, groupsOf,
} from "./group-norm";
import { channelsOf, RECORD_BYTES, sizeOf, word } from "./layer";
import { lossGradient, lossTangent } from "./loss";
import { normalizationWorkspace } from "./normalization";
import { patchesWorkspace } from "./patches";
import {
  averagePoolBackward, averagePoolForward, averagePoolForwardTangent, maxPoolBackward, maxPoolForward, maxPoolForwardTangent,
  maxPoolWorkspace,
} from "./pool";

/** The outputs for the staged inputs, in the last record's output. Returns where that is. */
export function predict(plan: usize, rows: i32, theta: usize): usize {
  forward(plan, rows, theta);
  return word(last(plan), Field.Value);
}

/** L(θ; batch). Cost: one forward pass. */
export function loss(plan: usize, rows: i32, weights: usize, scale: f32, theta: usize): f64 {
  forward(plan, rows, theta);
  return outputLoss(plan, rows, weights, scale, 0);
}

/** dθ += factor·∇L(θ; batch), dθ = 0 for none; returns L. factor ≠ 0. Cost: about three forward passes. */
export function gradient(
  plan: usize, rows: i32, weights: usize, scale: f32, factor: f32, theta: usize, dTheta: usize,
): f64 {
  assert(factor != 0, "gradient: expected factor ≠ 0");
  assert(dTheta != theta, "gradient: expected dθ apart from θ");
  forward(plan, rows, theta);
  const value = outputLoss(plan, rows, weights, scale, factor);
  backward(plan, rows, theta, dTheta);
  return value;
}

/**
 * dθ += (∂o/∂θ)ᵀ·d for the outputs o that a forward pass left and the cotangent d (rows×outSize) in the last record's gradient; leaves the
 * inputs' in record 0's, if wanted. Cost: two forward passes.
 */
export function pullback(plan: usize, rows: i32, theta: usize, dTheta: usize): void {
  backward(plan, rows, theta, dTheta);
}

/**
 * hv += ∇²L(θ; batch)·v, exactly (Pearlmutter 1994): the tangent along v of what `gradient` computed last in this plan, with factor 1 and
 * else the same arguments. Cost: about four forward passes. At a kink of ReLU the second derivative counts as zero.
 */
export function gradientTangent(
  plan: usize, rows: i32, weights: usize, scale: f32, theta: usize, v: usize, hv: usize,
): void {
  assert(v != hv && hv != theta, "gradientTangent: expected hv apart from v and θ");
  forwardTangent(plan, rows, theta, v);
  const out = last(plan), kind = header(plan, Header.Loss), size = sizeOf(out);
  const o = word(out, Field.Value), ro = word(out, Field.Tangent), rd = word(out, Field.GradientTangent);
  lossTangent(kind, rows, size, o, weights, scale, ro, rd);
  backwardTangent(plan, rows, theta, v, hv);
}

/** Floats of workspace that a layer needs for itself, for up to `rows` rows. Reads what its record says of kinds and shapes. */
export function workspaceFloats(layer: usize, rows: i32): i32 {
  switch (<LayerKind>word(layer, Field.Kind)) {
    case LayerKind.BatchNorm: return normalizationWorkspace(rows, sizeOf(layer), channelsOf(layer));
    case LayerKind.GroupNorm: return normalizationWorkspace(rows, sizeOf(layer), rows * groupsOf(layer));
    case LayerKind.MaxPool: return maxPoolWorkspace(layer, rows);
    case LayerKind.Conv2d: return patchesWorkspace(layer, rows);
    default: return 0;
  }
}

function forward(plan: usize, rows: i32, theta: usize): void {
  assert(rows > 0 && plan != 0 && theta != 0, "forward: expected rows, a plan and parameters");
  const counted = countedRows(plan, rows);
  for (let layer = first(plan), end = last(plan); layer <= end; layer += RECORD_BYTES) forwardLayer(layer, rows, counted, theta);
}

/** A layer's output. */
export function forwardLayer(layer: usize, rows: i32, counted: i32, theta: usize): void {
  switch (<LayerKind>word(layer, Field.Kind)) {
    case LayerKind.Dense: denseForward(layer, rows, theta); break;
    case LayerKind.Activation: activationForward(layer, rows); break;
    case LayerKind.BatchNorm: batchNormForward(layer, rows, counted, theta); break;
    case LayerKind.GroupNorm: groupNormForward(layer, rows, theta); break;
    case LayerKind.FrozenNorm: frozenNormForward(layer, rows, theta); break;
    case LayerKind.Context: contextForward(layer, rows, theta); break;
    case LayerKind.Conv2d: conv2dForward(layer, rows, theta); break;
    case LayerKind.MaxPool: maxPoolForward(layer, rows); break;
    case LayerKind.AveragePool: averagePoolForward(layer, rows); break;
    case LayerKind.Flatten: break;
    default: unreachable();
  }
}

function backward(plan: usize, rows: i32, theta: usize, dTheta: usize): void {
  const counted = countedRows(plan, rows);
  for (let layer = last(plan), start = first(plan); layer >= start; layer -= RECORD_BYTES) {
    // Below the first layer that adapts.
    if (!word(layer, Field.Gradient)) break;
    backwardLayer(layer, rows, counted, theta, word(layer, Field.Fixed) ? 0 : dTheta, Field.Gradient);
  }
}

/** A layer's backward pass for what stands in `field`. */
export function backwardLayer(layer: usize, rows: i32, counted: i32, theta: usize, dTheta: usize, field: Field): void {
  switch (<LayerKind>word(layer, Field.Kind)) {
    case LayerKind.Dense: denseBackward(layer, rows, theta, dTheta, field); break;
    case LayerKind.Activation: activationBackward(layer, rows, field); break;
    case LayerKind.BatchNorm: batchNormBackward(layer, rows, counted, theta, dTheta, field); break;
    case LayerKind.GroupNorm: groupNormBackward(layer, rows, theta, dTheta, field); break;
    case LayerKind.FrozenNorm: frozenNormBackward(layer, rows, theta, dTheta, field); break;
    case LayerKind.Context: contextBackward(layer, rows, dTheta, field); break;
    case LayerKind.Conv2d: conv2dBackward(layer, rows, theta, dTheta, field); break;
    case LayerKind.MaxPool: maxPoolBackward(layer, rows, field); break;
    case LayerKind.AveragePool: averagePoolBackward(layer, rows, field); break;
    case LayerKind.Flatten: break;
    default: unreachable();
  }
}

function forwardTangent(plan: usize, rows: i32, theta: usize, rTheta: usize): void {
  const counted = countedRows(plan, rows);
  for (let layer = first(plan), end = last(plan); layer <= end; layer += RECORD_BYTES) {
    // Below the first layer that adapts nothing varies.
    if (word(layer, Field.Tangent)) forwardTangentLayer(layer, rows, counted, theta, rTheta);
  }
}

/** The tangent of a layer's output. */
export function forwardTangentLayer(layer: usize, rows: i32, counted: i32, theta: usize, rTheta: usize): void {
  switch (<LayerKind>word(layer, Field.Kind)) {
    case LayerKind.Dense: denseForwardTangent(layer, rows, theta, rTheta); break;
    case LayerKind.Activation: activationForwardTangent(layer, rows); break;
    case LayerKind.BatchNorm: batchNormForwardTangent(layer, rows, counted, theta, rTheta); break;
    case LayerKind.GroupNorm: groupNormForwardTangent(layer, rows, theta, rTheta); break;
    case LayerKind.FrozenNorm: frozenNormForwardTangent(layer, rows, theta, rTheta); break;
    case LayerKind.Context: contextForwardTangent(layer, rows, rTheta); break;
    case LayerKind.Conv2d: conv2dForwardTangent(layer, rows, theta, rTheta); break;
    case LayerKind.MaxPool: maxPoolForwardTangent(layer, rows); break;
    case LayerKind.AveragePool: averagePoolForwardTangent(layer, rows); break;
    case LayerKind.Flatten: break;
    default: unreachable();
  }
}

function backwardTangent(plan: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const counted = countedRows(plan, rows);
  for (let layer = last(plan), start = first(plan); layer >= start; layer -= RECORD_BYTES) {
    if (!word(layer, Field.GradientTangent)) break;
    // Where nothing varies, the tangent of the gradient goes back as a gradient does.
    if (word(layer, Field.Tangent)) backwardTangentLayer(layer, rows, counted, theta, rTheta, rdTheta);
    else backwardLayer(layer, rows, counted, theta, rdTheta, Field.GradientTangent);
  }
}

/** The tangent of a layer's backward pass. */
export function backwardTangentLayer(
  layer: usize, rows: i32, counted: i32, theta: usize, rTheta: usize, rdTheta: usize,
): void {
  switch (<LayerKind>word(layer, Field.Kind)) {
    case LayerKind.Dense: denseBackwardTangent(layer, rows, theta, rTheta, rdTheta); break;
    case LayerKind.Activation: activationBackwardTangent(layer, rows); break;
    case LayerKind.BatchNorm: batchNormBackwardTangent(layer, rows, counted, theta, rTheta, rdTheta); break;
    case LayerKind.GroupNorm: groupNormBackwardTangent(layer, rows, theta, rTheta, rdTheta); break;
    case LayerKind.FrozenNorm: frozenNormBackwardTangent(layer, rows, theta, rTheta, rdTheta); break;
    case LayerKind.Context: contextBackward(layer, rows, rdTheta, Field.GradientTangent); break;
    case LayerKind.Conv2d: conv2dBackwardTangent(layer, rows, theta, rTheta, rdTheta); break;
    case LayerKind.MaxPool: maxPoolBackward(layer, rows, Field.GradientTangent); break;
    case LayerKind.AveragePool: averagePoolBackward(layer, rows, Field.GradientTangent); break;
    case LayerKind.Flatten: break;
    default: unreachable();
  }
}

/** The loss of the last record's output, and factor times its gradient (none for 0). */
function outputLoss(plan: usize, rows: i32, weights: usize, scale: f32, factor: f32): f64 {
  const out = last(plan), kind = header(plan, Header.Loss), targets = header(plan, Header.Targets);
  const o = word(out, Field.Value), d = word(out, Field.Gradient);
  return lossGradient(kind, rows, sizeOf(out), o, targets, weights, scale, factor, d);
}

// @ts-ignore: decorator
@inline
export function header(plan: usize, field: Header): i32 {
  return load<i32>(plan + (<usize>field << 2));
}

/** Rows whose statistics count. */
// @ts-ignore: decorator
@inline
export function countedRows(plan: usize, rows: i32): i32 {
  const counted = header(plan, Header.Counted);
  return counted > 0 ? counted : rows;
}

/** The first record behind the input's. */
// @ts-ignore: decorator
@inline
export function first(plan: usize): usize {
  return plan + (<usize>Header.Length << 2) + RECORD_BYTES;
}

// @ts-ignore: decorator
@inline
export function last(plan: usize): usize {
  return first(plan) + <usize>(header(plan, Header.Layers) - 2) * RECORD_BYTES;
}
