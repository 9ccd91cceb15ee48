import { initializations } from "../initialization.ts";
import { meanSquaredError } from "../loss.ts";
import { exp, log } from "../math.ts";
import { mlp } from "../mlp.ts";
import { type Model, placeTensors } from "../model.ts";
import { Network } from "../network.ts";
import { Vector } from "../vector.ts";
import { type OwnTensor, plain, type State, type UpdateRule } from "./rule.ts";

/** Coordinates that pass through the cell at a time. */
const BLOCK = 128;
/** p: gradients from e⁻ᵖ on are given by their logarithm. */
const P = 10;
const SMALLEST = /* @__PURE__ */ exp(-P);
const STEEP = /* @__PURE__ */ exp(P);

/**
 * A learned update: the same small recurrent network for every coordinate i of θ, with a hidden state hᵢ of H numbers, zeros at first.
 *
 *     x = (ln|g|/p, sign g) where |g| ≥ e⁻ᵖ, else (−1, eᵖg);   p = 10
 *     (δ, c, z) = tanh((x, h) W₀ + b₀) W₂ + b₂,   h' = h + σ(z) ⊙ (tanh c − h),   θ' = θ − s·δ
 *
 * Adjoint through the cell by its own pass back, and to g by p₁' = 1/(pg), p₂' = 0, or 0 and eᵖ. The gate keeps what a plain recurrent
 * network forgets over a hundred steps, at a quarter of the weights of the paper's LSTM (1,260 for 4,960 at H = 20).
 *
 * Cost: for n parameters about n·H(3 + 3H) multiply-adds forward, four times that back; carries nH numbers.
 *
 * @see Andrychowicz et al. 2016, arXiv:1606.04474, section 3; x: its appendix A. There the cell is a two-layer LSTM
 */
export function learnedUpdate(hiddenSize: number, outputScale: number): UpdateRule {
  const model = cell(hiddenSize);
  return {
    ...plain,
    readsGradient: true,
    carries: ({ parameterCount }) => [parameterCount * hiddenSize],
    own: () => placeTensors(model).map(ownOf),
    bind({ network: { memory, parameterCount: n }, own, ownGradient }) {
      const network = new Network(memory, model, meanSquaredError(), {
        maxRows: BLOCK,
        inputs: "gradient",
      });
      const [inSize, outSize] = [model.inSize, model.outSize];
      const outputs = Vector.allocate(memory, BLOCK * outSize);
      const [tanhs, sigmoids] = [0, 1].map(() => Vector.allocate(memory, BLOCK * outSize));
      const [inputs, dInputs] = [0, 1].map(() => new Float32Array(BLOCK * inSize));
      const cotangent = new Float32Array(BLOCK * outSize);

      /** Runs the cell for the coordinates from `start` on; returns how many. */
      function run(start: number, gradient: Vector, { carried: [h] }: State): number {
        const rows = Math.min(BLOCK, n - start);
        const [g, hidden] = [gradient.view, h.view];
        for (let i = 0; i < rows; i++) {
          describe(g[start + i], inputs, i * inSize);
          for (let j = 0; j < hiddenSize; j++)
            inputs[i * inSize + 2 + j] = hidden[(start + i) * hiddenSize + j];
        }
        network.predict(own, inputs, outputs.view.subarray(0, rows * outSize));
        tanhs.tanh(outputs);
        sigmoids.sigmoid(outputs);
        return rows;
      }

      return {
        apply(_k, from, gradient, to) {
          const [theta, next, hidden] = [
            from.parameters.view,
            to.parameters.view,
            to.carried[0].view,
          ];
          for (let start = 0, rows; start < n; start += rows) {
            rows = run(start, gradient, from);
            const [o, t, s] = [outputs.view, tanhs.view, sigmoids.view];
            for (let i = 0; i < rows; i++) {
              const at = i * outSize;
              next[start + i] = theta[start + i] - outputScale * o[at];
              for (let j = 0; j < hiddenSize; j++) {
                const before = inputs[i * inSize + 2 + j];
                const gate = s[at + 1 + hiddenSize + j];
                hidden[(start + i) * hiddenSize + j] = before + gate * (t[at + 1 + j] - before);
              }
            }
          }
        },
        pullback(_k, from, gradient, _to, { parameters, carried: [adjoint] }, u) {
          const [v, dHidden, du, g] = [parameters.view, adjoint.view, u.view, gradient.view];
          for (let start = 0, rows; start < n; start += rows) {
            rows = run(start, gradient, from);
            const [t, s] = [tanhs.view, sigmoids.view];
            for (let i = 0; i < rows; i++) {
              const at = i * outSize;
              cotangent[at] = -outputScale * v[start + i];
              for (let j = 0; j < hiddenSize; j++) {
                const [c, z] = [at + 1 + j, at + 1 + hiddenSize + j];
                const d = dHidden[(start + i) * hiddenSize + j];
                cotangent[c] = d * s[z] * (1 - t[c] * t[c]);
                cotangent[z] = d * (t[c] - inputs[i * inSize + 2 + j]) * s[z] * (1 - s[z]);
              }
            }
            network.vjp(own, inputs, cotangent.subarray(0, rows * outSize), ownGradient, dInputs);
            for (let i = 0; i < rows; i++) {
              const [at, x] = [i * outSize, i * inSize];
              du[start + i] = alongGradient(g[start + i], dInputs[x], dInputs[x + 1]);
              for (let j = 0; j < hiddenSize; j++) {
                const h = (start + i) * hiddenSize + j;
                const kept = dHidden[h] * (1 - s[at + 1 + hiddenSize + j]);
                dHidden[h] = kept + dInputs[x + 2 + j];
              }
            }
          }
        },
      };
    },
  };
}

/** What the cell is told of a gradient. */
function describe(g: number, to: Float32Array, at: number): void {
  const size = Math.abs(g);
  to[at] = size >= SMALLEST ? log(size) / P : -1;
  to[at + 1] = size >= SMALLEST ? Math.sign(g) : STEEP * g;
}

/** Adjoint of g, given those of what was told of it. */
function alongGradient(g: number, first: number, second: number): number {
  return Math.abs(g) >= SMALLEST ? first / (P * g) : STEEP * second;
}

/** (x, h) to (δ, c, z). */
function cell(hiddenSize: number): Model {
  const sizes = [2 + hiddenSize, hiddenSize, 1 + 2 * hiddenSize];
  return mlp({ sizes, activation: "tanh" });
}

function ownOf({ name, shape }: { name: string; shape: readonly number[] }): OwnTensor {
  return {
    name: `cell.${name}`,
    shape,
    initialize(values, random) {
      if (shape.length === 2)
        initializations.glorot(values, new Float32Array(0), shape[0], shape[1], random);
    },
  };
}
