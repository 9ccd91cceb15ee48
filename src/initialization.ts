import type { Random } from "./random.ts";

type Initialize = (
  w: Float32Array,
  b: Float32Array,
  inSize: number,
  outSize: number,
  random: Random,
) => void;

/**
 * How the W and b of a dense layer or a convolution start; b = 0 but for `uniform`. n: inputs of an output, m: outputs.
 *
 *     he               W ~ N(0, 2/n)                         He et al. 2015, arXiv:1502.01852
 *     glorot           W ~ U(±√(6/(n + m)))                  Glorot, Bengio 2010
 *     uniform          W, b ~ U(±1/√n)                       PyTorch's default
 *     truncatedNormal  W ~ N(0, 0.01²) within ±0.02          the code of Finn et al. 2017
 */
export type Initialization = "he" | "glorot" | "uniform" | "truncatedNormal";

/** One row a way to start. Biases are zero where nothing else is said. */
export const initializations: Record<Initialization, Initialize> = {
  /** W ~ N(0, 2/inSize). He et al. 2015, arXiv:1502.01852 */
  he: (w, _b, inSize, _outSize, random) => normals(w, Math.sqrt(2 / inSize), random),
  /** W ~ U(±√(6/(inSize + outSize))). Glorot & Bengio 2010 */
  glorot: (w, _b, inSize, outSize, random) =>
    uniforms(w, Math.sqrt(6 / (inSize + outSize)), random),
  /** W and b ~ U(±1/√inSize): PyTorch's default for a linear layer. */
  uniform(w, b, inSize, _outSize, random) {
    uniforms(w, 1 / Math.sqrt(inSize), random);
    uniforms(b, 1 / Math.sqrt(inSize), random);
  },
  /** W ~ N(0, 0.01²), redrawn outside two standard deviations: as in the code of Finn et al. 2017. */
  truncatedNormal(w, _b, _inSize, _outSize, random) {
    for (let i = 0; i < w.length; i++) {
      let z = random.normal();
      while (Math.abs(z) > 2) z = random.normal();
      w[i] = 0.01 * z;
    }
  },
};

function normals(values: Float32Array, deviation: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
}

function uniforms(values: Float32Array, bound: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = random.uniform(-bound, bound);
}
