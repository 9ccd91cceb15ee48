import { batchNorm, conv4, type Layer, layerNorm, mlp, type Model } from "../index.ts";
import { rowOf } from "./algorithms.ts";
import { UsageError } from "./errors.ts";
import type { Settings } from "./settings.ts";
import type { Problem } from "./source.ts";

const norms: Record<Settings["norm"], () => Layer | undefined> = {
  batch: () => batchNorm(),
  support: () => batchNorm({ statistics: "support" }),
  layer: () => layerNorm(),
  none: () => undefined,
};

/** The network of these settings, with an output for each class, or one number. */
export function network(settings: Settings, { inShape, ways = 1 }: Problem): Model {
  const norm = norms[settings.norm]();
  return settings.network === "conv4"
    ? convolutions(settings, inShape, ways, norm)
    : perceptron(settings, inShape, ways, norm);
}

function convolutions(
  { filters, algorithm }: Settings,
  inShape: Problem["inShape"],
  ways: number,
  norm: Layer | undefined,
): Model {
  if (!norm) throw new UsageError("--norm: expected batch, support or layer with conv4, got none");
  if ("context" in rowOf(algorithm).own)
    throw new UsageError(`--network: expected mlp with ${algorithm}, got conv4`);
  return conv4({ inShape, ways, filters, norm });
}

function perceptron(
  { algorithm, hidden, activation, context }: Settings,
  inShape: Problem["inShape"],
  outSize: number,
  norm: Layer | undefined,
): Model {
  const sizes = [product(inShape), ...hidden, outSize];
  // He's larger start, usual with relu, makes plain gradient steps at these rates diverge.
  const initialization = "glorot";
  const own = "context" in rowOf(algorithm).own ? context : undefined;
  return mlp({ sizes, activation, initialization, norm, context: own });
}

/** How many values of θ are the last layer's, W and b: they stand at its end. */
export function headLength({ layers, inShape }: Model): number {
  const body = layers.slice(0, -1);
  const features = body.reduce((shape, layer) => layer.outShape(shape), inShape);
  const lengths = layers
    .at(-1)!
    .tensors(features)
    .map(({ shape }) => product(shape));
  return lengths.reduce((sum, length) => sum + length);
}

const product = (shape: readonly number[]): number => shape.reduce((all, side) => all * side, 1);
