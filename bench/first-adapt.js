// In a fresh process: milliseconds from import to the first adapted model's first prediction.
const start = performance.now();
const { adam, createLearner, maml, meanSquaredError, mlp } = await import("rvml");
const imported = performance.now();
const learner = await createLearner({
  model: mlp({ sizes: [1, 40, 40, 1] }),
  loss: meanSquaredError(),
  algorithm: maml({ innerLearningRate: 0.01 }),
  metaOptimizer: adam(),
  seed: 1,
});
const support = { inputs: [-2, -1, 0, 1, 2], targets: [1, 0, 1, 0, 1], rows: 5 };
const outputs = learner.adapt(support).predict([0.5]);
if (!Number.isFinite(outputs[0])) throw new RangeError(`expected a number, got ${outputs[0]}`);
const end = performance.now();
console.log(JSON.stringify({ imported: imported - start, adapted: end - start }));
