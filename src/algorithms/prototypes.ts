import { refuse } from "../check.ts";
import type { Batch } from "../task.ts";
import type { Binding } from "./algorithm.ts";
import { rowBuffer } from "./row-buffer.ts";
import type { Start } from "./unrolling.ts";

/**
 * A start whose head says how far a row's features f are from each class's prototype c, the mean of its support rows' features:
 *
 *     W_j = 2c_j, b_j = −‖c_j‖²,   so that output j = 2c_j·f − ‖c_j‖² = ‖f‖² − ‖f − c_j‖²
 *
 * All below the head starts at θ. Adjoint:   dc_j = 2 dW_j − 2 db_j c_j,   df_i = wᵢ/Σw · dc_j for the rows i of class j, and on through the
 * body. A class without support rows, or whose rows weigh nothing, has W_j = 0 and b_j = 0. Cost: four forward passes of the body.
 *
 * @throws {RangeError} another loss than cross-entropy, another last layer than a dense one with a bias
 * @see Snell, Swersky, Zemel 2017, arXiv:1703.05175, section 2.4; Triantafillou et al. 2020, arXiv:1903.03096, for the start
 */
export function prototypes(where: string, { network, parameters, gradient }: Binding): Start {
  const { model, loss, outSize: ways } = network;
  if (!loss.classes) refuse(where, "crossEntropy as loss", loss.kind);
  const last = model.layers.length - 1;
  const { kind } = model.layers[last].spec;
  if (kind !== "dense") refuse(where, "a dense layer as the model's last", kind);
  const body = network.below(last);
  const [weight, bias] = network.tensors.filter(({ layer }) => layer === last);
  if (!bias) refuse(where, "a bias in the model's last layer", bias);
  const size = weight.shape[0];
  const start = network.vector("path");
  const centers = new Float64Array(ways * size);
  const totals = new Float64Array(ways);
  const features = rowBuffer(size);

  /** c and Σw of each class. */
  function locate(support: Batch): void {
    const { inputs, targets, rows, weights } = support;
    const f = features(rows);
    if (body) body.predict(parameters, inputs, f);
    else for (let i = 0; i < f.length; i++) f[i] = inputs[i];
    centers.fill(0);
    totals.fill(0);
    for (let i = 0; i < rows; i++) {
      const [j, w] = [targets[i], weights ? Math.fround(weights[i]) : 1];
      totals[j] += w;
      for (let q = 0; q < size; q++) centers[j * size + q] += w * f[i * size + q];
    }
    for (let j = 0; j < ways; j++)
      for (let q = 0; q < size; q++) centers[j * size + q] /= totals[j] || 1;
  }

  return {
    apply(support) {
      locate(support);
      const phi = start.copy(parameters).view;
      for (let j = 0; j < ways; j++) {
        let square = 0;
        for (let q = 0; q < size; q++) {
          const c = centers[j * size + q];
          square += c * c;
          phi[weight.offset + q * ways + j] = 2 * c;
        }
        phi[bias.offset + j] = -square;
      }
      return start;
    },
    pullback(adjoint, support) {
      const d = adjoint.view;
      if (body && body.parameterCount > 0) {
        // `apply` left the centers of this very support set.
        const cotangent = features(support.rows);
        for (let i = 0; i < support.rows; i++) {
          const j = support.targets[i];
          const w = support.weights ? Math.fround(support.weights[i]) : 1;
          const share = totals[j] > 0 ? w / totals[j] : 0;
          for (let q = 0; q < size; q++) {
            const dCenter =
              2 * d[weight.offset + q * ways + j] - 2 * d[bias.offset + j] * centers[j * size + q];
            cotangent[i * size + q] = share * dCenter;
          }
        }
        body.vjp(parameters, support.inputs, cotangent, gradient);
      }
      d.fill(0, weight.offset, bias.offset + ways);
      gradient.axpy(1, adjoint);
    },
  };
}
