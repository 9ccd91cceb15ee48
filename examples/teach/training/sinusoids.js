import {
  adam,
  anil,
  clipNorm,
  createLearner,
  evaluate,
  maml,
  meanSquaredError,
  metaSgd,
  metaTrain,
  mlp,
  reptile,
  sgd,
  sinusoids,
} from "rvml";

/** @import { Algorithm } from "rvml" */

const SHOTS = 5;
const STEPS = 10_000;
const TEST_TASKS = 1000;
const model = mlp({ sizes: [1, 40, 40, 1], activation: "tanh" });
const inner = { innerLearningRate: 0.02, innerSteps: 5 };

/** @type {{ name: string, algorithm: Algorithm, steps?: number }[]} */
const curves = [
  { name: "maml", algorithm: maml(inner) },
  { name: "fomaml", algorithm: maml({ ...inner, order: 1 }) },
  {
    name: "reptile",
    algorithm: reptile({ innerOptimizer: sgd({ learningRate: 0.02 }), innerSteps: 5 }),
  },
  { name: "meta-sgd", algorithm: metaSgd(inner) },
  { name: "anil", algorithm: anil(inner) },
  // Never meta-trained: where anyone starts who has these five points alone.
  { name: "scratch", algorithm: maml(inner), steps: 0 },
];

/** Meta-trains on sinusoids by each algorithm; gives the files' names and what goes into them. @param {(line: string) => void} print */
export async function* sinusoidModels(print) {
  for (const { name, algorithm, steps = STEPS } of curves) {
    const learner = await createLearner({
      model,
      loss: meanSquaredError(),
      algorithm,
      // Without the limit Meta-SGD's rates grow until its inner loop diverges.
      metaOptimizer: clipNorm(adam({ learningRate: 0.001 }), 10),
      seed: 1,
    });
    const tasks = sinusoids({ shots: SHOTS });
    for await (const _ of metaTrain(learner, tasks, { steps }));
    const errors = evaluate(learner, tasks, { tasks: TEST_TASKS, steps: [0, 1, 5, 10] }).map(
      ({ steps: made, loss, interval }) =>
        `${made} steps ${loss.toFixed(2)} ± ${interval.toFixed(2)}`,
    );
    print(
      `sine-${name}: mean squared error on ${TEST_TASKS} new curves, ${SHOTS} points: ${errors.join(", ")}`,
    );
    yield { file: `sine-${name}.safetensors`, learner };
  }
}
