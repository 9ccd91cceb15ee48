import { expect, test } from "vitest";
import { headLength } from "../src/cli/network.ts";
import { conv4, mlp } from "../src/index.ts";

const images = { inShape: [32, 32, 1], ways: 3, filters: 6 };

test.each([
  ["a perceptron", mlp({ sizes: [9, 7, 4], norm: "batch" }), (7 + 1) * 4],
  ["one without hidden layers", mlp({ sizes: [9, 4] }), (9 + 1) * 4],
  ["convolutions, their means over pixels", conv4(images), (6 + 1) * 3],
  ["convolutions that leave 2×2 pixels", conv4({ ...images, form: "pool" }), (2 * 2 * 6 + 1) * 3],
])("the last layer of %s: weights and biases", (_, model, length) => {
  expect(headLength(model)).toBe(length);
});
