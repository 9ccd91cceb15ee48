import { multiply, transposed } from "../matrix.ts";
import { lengthInAll, offsetsOf, type PlacedTensor } from "../model.ts";
import { Vector } from "../vector.ts";
import { type OwnTensor, plain, type UpdateRule } from "./rule.ts";

/** A rule for one tensor: to ← transformed gradient; and its adjoint. */
interface Transform {
  apply(gradient: Vector, to: Vector): void;
  /** u ← adjoint of g, given that of the transformed gradient, w; adds to the gradient of what is learned. */
  pullback(gradient: Vector, w: Vector, u: Vector): void;
}

/**
 * θₖ₊₁ = θₖ − α·M(gₖ) with M learned: on a matrix G (in×out) M(G) = L G R, L: in×in, R: out×out; on a vector M(g) = s ⊙ g. All start as
 * identities. Adjoint, with W = −αv:   U = Lᵀ W Rᵀ,  dL += W (G R)ᵀ,  dR += (L G)ᵀ W;   u = s ⊙ w,  ds += g ⊙ w.
 *
 * Cost: in·out·(in + out) multiply-adds a matrix forward and three times that back.
 *
 * @see Park, Oliva 2019, arXiv:1902.03356, for fully connected layers
 */
export function curvatureDescent(learningRate: number): UpdateRule {
  return {
    ...plain,
    readsGradient: true,
    own: (tensors) => tensors.flatMap(ownOf),
    bind({ network, own, ownGradient }) {
      const largest = Math.max(...network.tensors.map(({ length }) => length));
      const scratch = [0, 1].map(() => Vector.allocate(network.memory, largest, "path"));
      const transforms: Transform[] = [];
      let start = 0;
      for (const tensor of network.tensors) {
        const offsets = offsetsOf(ownOf(tensor));
        const within = (vector: Vector) =>
          offsets.map(({ offset, length }) => vector.part(start + offset, length));
        const [values, gradients] = [within(own), within(ownGradient)];
        transforms.push(
          tensor.shape.length === 2
            ? matrixTransform(tensor, values, gradients, scratch)
            : vectorTransform(values[0], gradients[0]),
        );
        start += lengthInAll(offsets);
      }
      const [step, w] = network.vectors(2, "path");
      const parts = new Map<Vector, Vector[]>();
      /** A vector's tensors, made once. */
      function partsOf(vector: Vector): Vector[] {
        let list = parts.get(vector);
        if (!list) {
          list = network.tensors.map(({ offset, length }) => vector.part(offset, length));
          parts.set(vector, list);
        }
        return list;
      }
      return {
        apply(_k, from, gradient, to) {
          const [g, m] = [partsOf(gradient), partsOf(step)];
          transforms.forEach((transform, t) => transform.apply(g[t], m[t]));
          to.parameters.combine(-learningRate, step, from.parameters);
        },
        pullback(_k, _from, gradient, _to, { parameters: v }, u) {
          w.multiple(-learningRate, v);
          const [g, wt, ut] = [partsOf(gradient), partsOf(w), partsOf(u)];
          transforms.forEach((transform, t) => transform.pullback(g[t], wt[t], ut[t]));
        },
      };
    },
  };
}

function ownOf({ name, shape }: Pick<PlacedTensor, "name" | "shape">): OwnTensor[] {
  if (shape.length !== 2)
    return [{ name: `scale.${name}`, shape, initialize: (values) => void values.fill(1) }];
  const square = (side: string, n: number): OwnTensor => ({
    name: `${side}.${name}`,
    shape: [n, n],
    initialize(values) {
      for (let i = 0; i < n; i++) values[i * n + i] = 1;
    },
  });
  return [square("left", shape[0]), square("right", shape[1])];
}

function matrixTransform(
  { shape: [rows, cols] }: PlacedTensor,
  [left, right]: Vector[],
  [dLeft, dRight]: Vector[],
  [one, other]: Vector[],
): Transform {
  const [l, r] = [
    { vector: left, rows, cols: rows },
    { vector: right, rows: cols, cols },
  ];
  const [dl, dr] = [
    { ...l, vector: dLeft },
    { ...r, vector: dRight },
  ];
  const shaped = (vector: Vector) => ({ vector, rows, cols });
  const [a, b] = [shaped(one), shaped(other)];
  return {
    apply(gradient, to) {
      multiply(1, l, shaped(gradient), 0, a);
      multiply(1, a, r, 0, shaped(to));
    },
    pullback(gradient, w, u) {
      const [g, dOut] = [shaped(gradient), shaped(w)];
      multiply(1, l, g, 0, a); // LG
      multiply(1, transposed(a), dOut, 1, dr);
      multiply(1, g, r, 0, a); // GR
      multiply(1, dOut, transposed(a), 1, dl);
      multiply(1, transposed(l), dOut, 0, b);
      multiply(1, b, transposed(r), 0, shaped(u));
    },
  };
}

function vectorTransform(scale: Vector, dScale: Vector): Transform {
  return {
    apply: (gradient, to) => void to.product(1, scale, gradient),
    pullback(gradient, w, u) {
      dScale.hadamard(1, gradient, w, dScale);
      u.product(1, scale, w);
    },
  };
}
