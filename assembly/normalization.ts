/**
 * What batch norm and group norm share. A group of n elements z (a channel over rows and pixels, or channels of a row over its pixels) is
 * normalized,
 *
 *     x̂ = (z − μ)·s,   μ = mean z,   s = 1/√(mean (z − μ)² + ε)
 *
 * and scaled and shifted, y = γx̂ + β. The derivative of x̂ is one symmetric operator, P(u) = s·(u − mean u − x̂·mean(u x̂)), so that
 *
 *     backward               dz = P(u), u = dy·γ                       dγ += Σ dy·x̂,  dβ += Σ dy
 *     tangent                rx̂ = P(rz)                                ry = γ·rx̂ + Rγ·x̂ + Rβ
 *     tangent of backward    rdz = s·(ru − mean ru − rx̂·mean(u x̂) − x̂·mean(ru x̂ + u rx̂)) + (rs/s)·dz,   ru = rdy·γ + dy·Rγ
 *                            rs/s = −s·mean(x̂ rz)                      rdγ += Σ rdy·x̂ + dy·rx̂,  rdβ += Σ rdy
 *
 * γ and β: one a channel (an element, where a row is no image), and either may be missing: γ is 1 then, β 0. In θ: γ, then β.
 * A layer's workspace: x̂ (rows×size), rx̂ (rows×size), s and rs/s (one each a group).
 * No statistic outlives the call: nothing leaks from one batch or task to another. (Ioffe & Szegedy 2015, arXiv:1502.03167, with the
 * statistics of the batch at hand, always; Ba, Kiros & Hinton 2016, arXiv:1607.06450.)
 */
import { Field, NormOption } from "./abi";
import { channelsOf, sizeOf, word } from "./layer";
import { F32 } from "./simd";

/** ε: added to the variance. */
// @ts-ignore: decorator
@inline
export function epsilonOf(layer: usize): f32 {
  return reinterpret<f32>(<u32>word(layer, Field.Epsilon));
}

/** Whether there is a γ. */
// @ts-ignore: decorator
@inline
function hasScale(layer: usize): bool {
  return (word(layer, Field.Option) & NormOption.Scale) != 0;
}

/** Whether there is a β. */
// @ts-ignore: decorator
@inline
function hasShift(layer: usize): bool {
  return (word(layer, Field.Option) & NormOption.Shift) != 0;
}

/** Bytes from the layer's first parameter to β. */
// @ts-ignore: decorator
@inline
function shiftOffset(layer: usize): usize {
  return hasScale(layer) ? <usize>channelsOf(layer) * F32 : 0;
}

/** γ, or what stands for it, in a vector laid out as θ; null where there is no γ or no vector. */
// @ts-ignore: decorator
@inline
export function scaleIn(layer: usize, theta: usize): usize {
  return theta && hasScale(layer) ? theta + word(layer, Field.Parameters) : 0;
}

/** β likewise. */
// @ts-ignore: decorator
@inline
export function shiftIn(layer: usize, theta: usize): usize {
  return theta && hasShift(layer) ? theta + word(layer, Field.Parameters) + shiftOffset(layer) : 0;
}

/** Floats of workspace for rows of that size in that number of groups. */
export function normalizationWorkspace(rows: i32, size: i32, groups: i32): i32 {
  return 2 * padded(rows * size) + 2 * padded(groups);
}

/** Bytes of x̂, and of rx̂, for these rows. */
// @ts-ignore: decorator
@inline
function blockBytes(layer: usize, rows: i32): usize {
  return <usize>padded(rows * sizeOf(layer)) * F32;
}

/** n, rounded up to whole vectors. */
// @ts-ignore: decorator
@inline
function padded(n: i32): i32 {
  return (n + 3) & ~3;
}

/** x̂: rows×size. */
// @ts-ignore: decorator
@inline
export function normalized(layer: usize): usize {
  return word(layer, Field.Workspace);
}

/** rx̂: rows×size. */
// @ts-ignore: decorator
@inline
export function normalizedTangent(layer: usize, rows: i32): usize {
  return normalized(layer) + blockBytes(layer, rows);
}

/** s, one a group. */
// @ts-ignore: decorator
@inline
export function scales(layer: usize, rows: i32): usize {
  return normalizedTangent(layer, rows) + blockBytes(layer, rows);
}

/** rs/s, one a group. */
// @ts-ignore: decorator
@inline
export function scaleTangents(layer: usize, rows: i32, groups: i32): usize {
  return scales(layer, rows) + <usize>padded(groups) * F32;
}
