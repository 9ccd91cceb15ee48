import type { Vector } from "./vector.ts";

/** A run of linear memory read as a matrix, row-major; `turned`: as its transpose. */
export interface Matrix {
  readonly vector: Vector;
  /** Of the matrix as it is read. */
  readonly rows: number;
  readonly cols: number;
  readonly turned?: boolean;
}

/** The same run as the transposed matrix. */
export function transposed({ vector, rows, cols, turned = false }: Matrix): Matrix {
  return { vector, rows: cols, cols: rows, turned: !turned };
}

/** C ← αAB + βC. Cost: 2·rows·cols·inner flops. C must overlap neither A nor B. */
export function multiply(alpha: number, a: Matrix, b: Matrix, beta: number, c: Matrix): void {
  const { core } = c.vector.memory;
  const [rsA, csA] = strides(a);
  const [rsB, csB] = strides(b);
  const [rsC, csC] = strides(c);
  const [pa, pb, pc] = [a.vector.pointer, b.vector.pointer, c.vector.pointer];
  core.gemm(c.rows, c.cols, a.cols, alpha, pa, rsA, csA, pb, rsB, csB, beta, pc, rsC, csC);
}

function strides({ rows, cols, turned = false }: Matrix): [number, number] {
  return turned ? [1, rows] : [cols, 1];
}
