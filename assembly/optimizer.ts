/** Fused updates of n parameters θ by a gradient g; the optimizer's state stands in runs of the same length. */
import { F32, LANES, madd, storeLanes } from "./simd";

/** Gradient descent with momentum:  v ← μv + g,  θ ← θ − ηv.   η: learningRate, μ: momentum. */
export function sgdStep(n: i32, learningRate: f32, momentum: f32, g: usize, v: usize, theta: usize): void {
  assert(n >= 0, "sgdStep: expected a length of at least 0");
  const eta = f32x4.splat(-learningRate), mu = f32x4.splat(momentum);
  for (let i = 0; i < n; i += LANES) {
    const at = <usize>i * F32, left = n - i;
    const vi = madd(mu, v128.load(v + at), v128.load(g + at));
    storeLanes(v + at, vi, left);
    storeLanes(theta + at, madd(eta, vi, v128.load(theta + at)), left);
  }
}

/**
 * Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101):
 *
 *     θ ← (1 − ηλ)θ,  m ← β₁m + γ₁g,  v ← β₂v + γ₂g²,  θ ← θ − stepSize · m / (√v · rootScale + ε)
 *
 * with γ = 1 − β, stepSize = η/(1 − β₁ᵗ), rootScale = 1/√(1 − β₂ᵗ) and keep = 1 − ηλ made by the caller in f64, once a step.
 */
export function adamStep(
  n: i32, beta1: f32, gamma1: f32, beta2: f32, gamma2: f32, epsilon: f32, stepSize: f32, rootScale: f32, keep: f32,
  g: usize, m: usize, v: usize, theta: usize,
): void {
  assert(n >= 0, "adamStep: expected a length of at least 0");
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(gamma1);
  const b2 = f32x4.splat(beta2), c2 = f32x4.splat(gamma2);
  const eps = f32x4.splat(epsilon), root = f32x4.splat(rootScale);
  const step = f32x4.splat(-stepSize), kept = f32x4.splat(keep);
  for (let i = 0; i < n; i += LANES) {
    const at = <usize>i * F32, left = n - i;
    const gi = v128.load(g + at);
    const mi = madd(b1, v128.load(m + at), f32x4.mul(c1, gi));
    const vi = madd(b2, v128.load(v + at), f32x4.mul(c2, f32x4.mul(gi, gi)));
    const direction = f32x4.div(mi, madd(f32x4.sqrt(vi), root, eps));
    storeLanes(m + at, mi, left);
    storeLanes(v + at, vi, left);
    storeLanes(theta + at, madd(step, direction, f32x4.mul(kept, v128.load(theta + at))), left);
  }
}
