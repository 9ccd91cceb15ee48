// Makes model.safetensors, the start that worker.js adapts from:   node examples/worker/train.js   (10 s)
import { writeFileSync } from "node:fs";
import {
  adam,
  createLearner,
  evaluate,
  maml,
  meanSquaredError,
  metaTrain,
  mlp,
  sinusoids,
} from "rvml";

const learner = await createLearner({
  model: mlp({ sizes: [1, 40, 40, 1], activation: "tanh" }),
  loss: meanSquaredError(),
  algorithm: maml({ innerLearningRate: 0.01, innerSteps: 5 }),
  metaOptimizer: adam({ learningRate: 0.003 }),
  seed: 1,
});
for await (const { step, loss } of metaTrain(learner, sinusoids({ shots: 5 }), { steps: 5000 }))
  if (step % 1000 === 0) console.log(`meta-step ${step}: loss ${loss.toFixed(3)}`);
const [before, after] = evaluate(learner, sinusoids({ shots: 5 }), { tasks: 600, steps: [0, 5] });
console.log(
  `mean squared error ${before.loss.toFixed(2)} before, ${after.loss.toFixed(2)} ± ${after.interval.toFixed(2)} after 5 steps`,
);
writeFileSync(
  new URL("model.safetensors", import.meta.url),
  learner.save({ optimizerState: false }),
);
