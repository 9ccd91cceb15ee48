/**
 * C ← αAB + βD in f32, for any sizes and strides.
 *
 * Two register tiles do the work, chosen by what lies contiguous in memory; neither packs nor needs workspace:
 *
 *     outer   B's rows contiguous    C tile of up to 4×8: splat a column of A, times 8 columns of B
 *     dot     A's rows and B's       C tile of up to 2×4: four k at a time in each accumulator,
 *             columns contiguous     summed across lanes at the end
 *
 * Where C's columns are contiguous and its rows are not, the transposed product Cᵀ ← αBᵀAᵀ + βDᵀ is computed; any other layout takes a
 * plain loop. In each form an element of C is a sum over k in an order that depends on k and the layout alone, never on how rows and
 * columns fall into tiles.
 */
import { gemmDot } from "./gemm-dot";
import { gemmOuter } from "./gemm-outer";
import { F32 } from "./simd";

/**
 * C ← αAB + βC.   A: m×k, B: k×n, C: m×n; element (i, j) of X at x + 4(i·rsX + j·csX), strides in elements.
 * Where β = 0, C need not be initialized. C must overlap neither A nor B. Cost: 2mnk flops.
 * Reads up to 12 bytes behind the last row of B and of C, and writes nothing outside C.
 */
export function gemm(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, c: usize, rsC: i32, csC: i32,
): void {
  gemmFrom(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, c, rsC, csC, c, rsC, csC);
}

/** C ← αAB + βD.   D: m×n, may be C itself (with C's strides) or, with a stride of 0, one row or column for all. Else as gemm. */
export function gemmFrom(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, d: usize, rsD: i32, csD: i32, c: usize, rsC: i32, csC: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0, "gemm: expected sizes of at least 0");
  assert(c != a && c != b, "gemm: expected C apart from A and B");
  if (m == 0 || n == 0) return;
  // A single column is contiguous, whatever its stride is called.
  if (n == 1) csC = csD = csB = 1;
  if (m == 1) rsC = rsD = rsA = 1;
  const rows = csC == 1 && csD == 1, columns = rsC == 1 && rsD == 1;
  // Of a thin C that is contiguous either way, the long side makes the vectors.
  if (columns && (!rows || (n < 4 && m > n && rsA == 1))) product(n, m, k, alpha, b, csB, rsB, a, csA, rsA, beta, d, csD, c, csC);
  else if (rows) product(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, d, rsD, c, rsC);
  else gemmPlain(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, d, rsD, csD, c, rsC, csC);
}

/** The product with rows of C and D contiguous. */
function product(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  const dots = csA == 1 && rsB == 1;
  if (dots && (csB != 1 || n < 4)) gemmDot(m, n, k, alpha, a, rsA, b, csB, beta, d, rsD, c, rsC);
  else if (csB == 1) gemmOuter(m, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
  else gemmPlain(m, n, k, alpha, a, rsA, csA, b, rsB, csB, beta, d, rsD, 1, c, rsC, 1);
}

/** The definition, for layouts that no network of ours has. */
function gemmPlain(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32, csB: i32,
  beta: f32, d: usize, rsD: i32, csD: i32, c: usize, rsC: i32, csC: i32,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f32 = 0;
      for (let p = 0; p < k; p++) {
        sum += load<f32>(a + <usize>(i * rsA + p * csA) * F32) * load<f32>(b + <usize>(p * rsB + j * csB) * F32);
      }
      sum *= alpha;
      if (beta != 0) sum += beta * load<f32>(d + <usize>(i * rsD + j * csD) * F32);
      store<f32>(c + <usize>(i * rsC + j * csC) * F32, sum);
    }
  }
}
