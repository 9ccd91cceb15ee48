/**
 * A buffer for rows of that size outside of linear memory: the same array again and again, a larger one only where more rows come than ever
 * before. What it gives is valid until the next call.
 */
export function rowBuffer(size: number): (rows: number) => Float32Array {
  let all = new Float32Array(0);
  let given = all;
  return (rows) => {
    if (all.length < rows * size) all = new Float32Array(rows * size);
    if (given.length !== rows * size || given.buffer !== all.buffer)
      given = all.subarray(0, rows * size);
    return given;
  };
}
