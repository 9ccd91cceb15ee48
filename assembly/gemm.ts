/**
 * C ← αAB + βC in f32, for any sizes and strides.
 *
 * Two register tiles do the work, chosen by what lies contiguous in memory; neither packs nor needs workspace:
 *
 *     outer   B's rows contiguous    C tile of up to 5×8: splat a column of A, times 8 columns of B
 *     dot     A's rows and B's       C tile of up to 3×4: four k at a time in each accumulator,
 *             columns contiguous     summed across lanes at the end
 *
 * Where C's columns are contiguous and its rows are not, the transposed product Cᵀ ← αBᵀAᵀ + βCᵀ is computed; any other layout
 * takes a plain loop. In each form an element of C is a sum over k in an order that depends on k and the layout alone, never on
 * how rows and columns fall into tiles.
 */
import { gemmDot } from "./gemm-dot";
import { gemmOuter } from "./gemm-outer";
import { F32 } from "./simd";

/**
 * C ← αAB + βC.   A: m×k, B: k×n, C: m×n; element (i, j) of X at x + 4(i·rsX + j·csX).
 * Strides are in elements. Where β = 0, C need not be initialized. C must overlap neither A nor B.
 * Reads up to 12 bytes behind the end of a row of B (outer) and never writes outside C. Cost: 2mnk flops.
 */
export function gemm(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, c: usize, rsC: i32, csC: i32,
): void {
  // A single column or row is contiguous whichever way its stride is named.
  if (n == 1 && csC != 1 && rsC != 1) csC = 1;
  if (csC != 1 || (n < 4 && rsC == 1 && rsA == 1 && m > n)) {
    if (rsC == 1) {
      product(n, m, k, alpha, b, csB, rsB, a, csA, rsA, beta, c, csC);
      return;
    }
    gemmPlain(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, c, rsC, csC);
    return;
  }
  product(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, c, rsC);
}

/** The product with C's rows contiguous. */
function product(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  const dots = csA == 1 && rsB == 1;
  if (dots && (csB != 1 || n < 4)) gemmDot(m, n, k, alpha, a, rsA, b, csB, beta, c, rsC);
  else if (csB == 1 || n == 1) gemmOuter(m, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
  else gemmPlain(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, c, rsC, 1);
}

/** The definition, for layouts that no network of ours has. */
function gemmPlain(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, c: usize, rsC: i32, csC: i32,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f32 = 0;
      for (let p = 0; p < k; p++) {
        sum += load<f32>(a + <usize>(i * rsA + p * csA) * F32) * load<f32>(b + <usize>(p * rsB + j * csB) * F32);
      }
      const to = c + <usize>(i * rsC + j * csC) * F32;
      store<f32>(to, beta == 0 ? alpha * sum : alpha * sum + beta * load<f32>(to));
    }
  }
}
