/**
 * How long adapting takes in Debian's Chromium, least and median milliseconds.
 *
 *     npm run build && npm run bench:browser
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const root = new URL("..", import.meta.url);
const server = createServer(({ url = "/" }, response) => {
  if (!url.startsWith("/dist/"))
    return response.end("<!doctype html><link rel=icon href=data:,><title>bench</title>");
  response.setHeader("Content-Type", "text/javascript");
  response.end(readFileSync(new URL(`.${url}`, root)));
}).listen(0, "127.0.0.1");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
});
try {
  const page = await browser.newPage();
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await page.goto(`http://127.0.0.1:${port}/`);
  console.table(await page.evaluate(measure));
} finally {
  await browser.close();
  server.close();
}

/** Runs in the page. */
async function measure() {
  const address = "/dist/index.js";
  /** @type {typeof import("rvml")} */
  const rvml = await import(address);
  const { adam, batchNorm, createLearner, crossEntropy, maml, meanSquaredError, mlp } = rvml;
  const random = new rvml.Random(1);

  /** @param {() => unknown} step @param {number} times */
  function time(step, times) {
    const taken = Array.from({ length: 40 }, () => {
      const start = performance.now();
      for (let i = 0; i < times; i++) step();
      return (performance.now() - start) / times;
    }).sort((a, b) => a - b);
    return { least: Number(taken[0].toFixed(4)), median: Number(taken[20].toFixed(4)) };
  }

  const waves = await createLearner({
    model: mlp({ sizes: [1, 40, 40, 1] }),
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.01 }),
    metaOptimizer: adam(),
    seed: 1,
  });
  const omniglot = await createLearner({
    model: mlp({
      sizes: [784, 256, 128, 64, 64, 5],
      norm: batchNorm({ scale: false, adapted: false, epsilon: 1e-3 }),
    }),
    loss: crossEntropy(),
    algorithm: maml({ innerLearningRate: 2 }),
    metaOptimizer: adam(),
    seed: 1,
    maxRows: 50,
  });
  const { support } = rvml.sinusoids({ shots: 5 }).sample(random);
  const images = {
    inputs: Float32Array.from({ length: 25 * 784 }, () => random.uniform(0, 1)),
    targets: Float32Array.from({ length: 25 }, (_, i) => i % 5),
    rows: 25,
  };
  const at = Float32Array.of(0.5);
  return {
    "1-40-40-1, 5 points, 5 steps, and predict": time(
      () => waves.adapt(support, { steps: 5 }).predict(at),
      50,
    ),
    "Omniglot perceptron, 5 ways of 5 shots, 1 step": time(() => omniglot.adapt(images), 10),
    "Omniglot perceptron, 5 ways of 5 shots, 3 steps": time(
      () => omniglot.adapt(images, { steps: 3 }),
      10,
    ),
  };
}
