/**
 * Activations, elementwise: a = σ(z), with slope σ′ and curvature σ″ for the other passes.
 *
 * A layer's runs are whole vectors long (the plan sees to it), and the last one is written whole.
 *
 *     forward a ← σ(z)   backward dz ← da·σ′   tangent ra ← σ′·rz   tangent of backward rdz ← rda·σ′ + da·σ″·rz
 *
 *     linear     z                                σ′ = 1                    σ″ = 0
 *     relu       max(z, 0)                        z > 0                     0 (and σ′ = 0 at the kink, as PyTorch has it)
 *     leakyRelu  z > 0 ? z : z/100                z > 0 ? 1 : 1/100         0
 *     tanh       tanh z                           1 − a²                    −2a(1 − a²)
 *     sigmoid    s = 1/(1 + e⁻ᶻ)                  s(1 − s)                  s(1 − s)(1 − 2s)
 *     softplus   log(1 + eᶻ)                      s                         s(1 − s)
 *     gelu       z Φ(z), the exact form           Φ + zφ                    φ(2 − z²)
 *     silu       z s                              s(1 + z(1 − s))           s(1 − s)(2 + z(1 − 2s))
 */
import { ActivationKind, Field } from "./abi";
import { before, sizeOf, word } from "./layer";
import { sigmoid, softplus, tanh } from "./math";
import { normalCdf, normalCdfWith, normalDensity } from "./normal";
import { F32, LANES } from "./simd";

const enum Pass { Forward, Backward, BackwardOfTangent, ForwardTangent, BackwardTangent }

/** a ← σ(z). */
export function activationForward(layer: usize, rows: i32): void {
  dispatch(Pass.Forward, layer, rows);
}

/** dz ← da·σ′(z); da and dz are what stands in `field`. */
export function activationBackward(layer: usize, rows: i32, field: Field): void {
  if (!word(before(layer), field)) return;
  if (field == Field.Gradient) dispatch(Pass.Backward, layer, rows);
  else dispatch(Pass.BackwardOfTangent, layer, rows);
}

/** ra ← σ′(z)·rz. */
export function activationForwardTangent(layer: usize, rows: i32): void {
  if (word(before(layer), Field.Tangent)) dispatch(Pass.ForwardTangent, layer, rows);
}

/** rdz ← rda·σ′(z) + da·σ″(z)·rz. */
export function activationBackwardTangent(layer: usize, rows: i32): void {
  if (word(before(layer), Field.GradientTangent)) dispatch(Pass.BackwardTangent, layer, rows);
}

/** One pass with its kind as a constant, so that each loop holds one formula and no branch. */
// @ts-ignore: decorator
@inline
function dispatch(pass: Pass, layer: usize, rows: i32): void {
  switch (<ActivationKind>word(layer, Field.Option)) {
    case ActivationKind.Linear: return run(pass, ActivationKind.Linear, layer, rows);
    case ActivationKind.Relu: return run(pass, ActivationKind.Relu, layer, rows);
    case ActivationKind.LeakyRelu: return run(pass, ActivationKind.LeakyRelu, layer, rows);
    case ActivationKind.Tanh: return run(pass, ActivationKind.Tanh, layer, rows);
    case ActivationKind.Sigmoid: return run(pass, ActivationKind.Sigmoid, layer, rows);
    case ActivationKind.Softplus: return run(pass, ActivationKind.Softplus, layer, rows);
    case ActivationKind.Gelu: return run(pass, ActivationKind.Gelu, layer, rows);
    case ActivationKind.Silu: return run(pass, ActivationKind.Silu, layer, rows);
    default: unreachable();
  }
}

// @ts-ignore: decorator
@inline
function run(pass: Pass, kind: ActivationKind, layer: usize, rows: i32): void {
  const input = before(layer);
  const z = word(input, Field.Value), a = word(layer, Field.Value), da = word(layer, Field.Gradient);
  const dz = word(input, Field.Gradient), rz = word(input, Field.Tangent), ra = word(layer, Field.Tangent);
  const rda = word(layer, Field.GradientTangent), rdz = word(input, Field.GradientTangent);
  const n = rows * sizeOf(layer);
  for (let i = 0; i < n; i += LANES) {
    const at = <usize>i * F32;
    const zi = v128.load(z + at);
    if (pass == Pass.Forward) {
      v128.store(a + at, value(kind, zi));
      continue;
    }
    const ai = v128.load(a + at), slopeI = slope(kind, zi, ai);
    if (pass == Pass.Backward) v128.store(dz + at, f32x4.mul(v128.load(da + at), slopeI));
    else if (pass == Pass.BackwardOfTangent) v128.store(rdz + at, f32x4.mul(v128.load(rda + at), slopeI));
    else if (pass == Pass.ForwardTangent) v128.store(ra + at, f32x4.mul(v128.load(rz + at), slopeI));
    else {
      let out = f32x4.mul(v128.load(rda + at), slopeI);
      if (!isPiecewiseLinear(kind)) {
        const bend = f32x4.mul(curvature(kind, zi, ai), v128.load(rz + at));
        out = f32x4.add(out, f32x4.mul(v128.load(da + at), bend));
      }
      v128.store(rdz + at, out);
    }
  }
}

// @ts-ignore: decorator
@inline
function isPiecewiseLinear(kind: ActivationKind): bool {
  return kind <= ActivationKind.LeakyRelu;
}

// @ts-ignore: decorator
@inline
function value(kind: ActivationKind, z: v128): v128 {
  if (kind == ActivationKind.Relu) return f32x4.pmax(z, f32x4.splat(0));
  if (kind == ActivationKind.LeakyRelu) return f32x4.mul(z, slope(kind, z, z));
  if (kind == ActivationKind.Tanh) return tanh(z);
  if (kind == ActivationKind.Sigmoid) return sigmoid(z);
  if (kind == ActivationKind.Softplus) return softplus(z);
  if (kind == ActivationKind.Gelu) return f32x4.mul(z, normalCdf(z));
  if (kind == ActivationKind.Silu) return f32x4.mul(z, sigmoid(z));
  return z;
}

// @ts-ignore: decorator
@inline
function slope(kind: ActivationKind, z: v128, a: v128): v128 {
  const one = f32x4.splat(1);
  const positive = f32x4.gt(z, f32x4.splat(0));
  if (kind == ActivationKind.Relu) return v128.and(positive, one);
  if (kind == ActivationKind.LeakyRelu) return v128.bitselect(one, f32x4.splat(0.01), positive);
  if (kind == ActivationKind.Tanh) return f32x4.mul(f32x4.sub(one, a), f32x4.add(one, a));
  if (kind == ActivationKind.Sigmoid) return f32x4.mul(a, f32x4.sub(one, a));
  if (kind == ActivationKind.Softplus) return sigmoid(z);
  if (kind == ActivationKind.Gelu) {
    const density = normalDensity(z);
    return f32x4.add(normalCdfWith(z, density), f32x4.mul(z, density));
  }
  if (kind == ActivationKind.Silu) {
    const s = sigmoid(z);
    return f32x4.mul(s, f32x4.add(one, f32x4.mul(z, f32x4.sub(one, s))));
  }
  return one;
}

/** σ″; only for the kinds that bend. */
// @ts-ignore: decorator
@inline
function curvature(kind: ActivationKind, z: v128, a: v128): v128 {
  const one = f32x4.splat(1), two = f32x4.splat(2);
  if (kind == ActivationKind.Tanh) return f32x4.mul(f32x4.mul(f32x4.splat(-2), a), slope(kind, z, a));
  if (kind == ActivationKind.Gelu) return f32x4.mul(normalDensity(z), f32x4.sub(two, f32x4.pmin(f32x4.mul(z, z), f32x4.splat(1e30))));
  const s = kind == ActivationKind.Sigmoid ? a : sigmoid(z);
  const variance = f32x4.mul(s, f32x4.sub(one, s));
  const tilt = f32x4.sub(one, f32x4.mul(two, s));
  if (kind == ActivationKind.Sigmoid) return f32x4.mul(variance, tilt);
  if (kind == ActivationKind.Silu) return f32x4.mul(variance, f32x4.add(two, f32x4.mul(z, tilt)));
  return variance;
}
