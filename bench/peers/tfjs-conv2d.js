import * as shared from "./problem.js";
import { onWasm } from "./tfjs.js";

/**
 * The forward pass of a convolution with bias in TensorFlow.js: y = conv(x, w) + b, padding "same". The filters stay the same from step to
 * step, so that it lays them out for its kernel once only (measured: 0.1 ms and more for new ones of 3×3×64×64).
 */
export async function tfjsConv2d({ shape: { inShape, stride, rows }, x, w, b }) {
  const tf = await onWasm();
  const [channels, filters] = [inShape[2], b.length];
  const side = Math.sqrt(w.length / channels / filters);
  const given = {
    x: tf.tensor4d(x.slice(), [rows, ...inShape]),
    filter: tf.tensor4d(w.slice(), [side, side, channels, filters]),
    bias: tf.tensor1d(b.slice()),
    strides: stride,
    pad: "same",
  };
  return {
    name: `TensorFlow.js wasm, ${inShape.join("×")}, ${rows} rows`,
    version: shared.version("@tensorflow/tfjs"),
    step: () => tf.fused.conv2d(given).dispose(),
    outputs: () => tf.tidy(() => tf.fused.conv2d(given).dataSync()),
    /** Whether there is a gradient with respect to filters. */
    trains: tf.getKernel("Conv2DBackpropFilter", "wasm") !== undefined,
  };
}
