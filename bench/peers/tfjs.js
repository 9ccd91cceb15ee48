import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as shared from "./problem.js";

const { beta1, beta2, epsilon, learningRate } = shared.ADAM;

/** Squared errors of the network θ = [W, b, W, b, …] on rows x with targets y. */
function errors(theta, x, y) {
  const last = theta.length - 2;
  for (let i = 0; i <= last; i += 2) {
    x = tf.matMul(x, theta[i]).add(theta[i + 1]);
    if (i < last) x = tf.relu(x);
  }
  return tf.squaredDifference(x, y);
}

const mean = (phi, x, y) => errors(phi, x, y).mean();
const meanSummedOverTasks = (phi, x, y) => errors(phi, x, y).mean([1, 2]).sum();

/** φ after `steps` gradient steps on the support rows. */
function adapt(loss, theta, xs, ys, steps) {
  for (let k = 0; k < steps; k++) {
    const gradient = tf.grads((...phi) => loss(phi, xs, ys))(theta);
    theta = theta.map((p, i) => p.sub(gradient[i].mul(shared.INNER_LEARNING_RATE)));
  }
  return theta;
}

/**
 * (θ, data) → { value, grads } of the mean over tasks. One outer gradient per task is how one
 * would write it; the batch by hand, with a copy of θ for every task, is the faster.
 */
const forms = {
  byHand: (theta, [xs, ys, xq, yq], steps) => {
    const tasks = xs.shape[0];
    const copy = (p) =>
      p.reshape([1, ...Array(2 - p.rank).fill(1), ...p.shape]).tile([tasks, 1, 1]);
    return tf.valueAndGrads((...p) => {
      const adapted = adapt(meanSummedOverTasks, p.map(copy), xs, ys, steps);
      return meanSummedOverTasks(adapted, xq, yq).div(tasks);
    })(theta);
  },
  perTask: (theta, data, steps) => {
    const tasks = data[0].shape[0];
    const one = (t) => {
      const [xs, ys, xq, yq] = data.map((all) => all.slice([t], [1]).squeeze([0]));
      return tf.valueAndGrads((...p) => mean(adapt(mean, p, xs, ys, steps), xq, yq))(theta);
    };
    const each = Array.from({ length: tasks }, (_, t) => tf.tidy(() => one(t)));
    return {
      value: tf.addN(each.map((e) => e.value)).div(tasks),
      grads: theta.map((_, i) => tf.addN(each.map((e) => e.grads[i])).div(tasks)),
    };
  },
};

/** [support inputs, support targets, query inputs, query targets], tasks×rows×1 each. */
function columns(tasks, rows) {
  const pack = (set, field) =>
    tf.tensor3d(shared.stacked(tasks, set, field), [tasks.length, rows, 1]);
  return ["support", "query"].flatMap((set) => [pack(set, "inputs"), pack(set, "targets")]);
}

/** TensorFlow.js on its wasm backend, with SIMD, one thread. */
export async function onWasm() {
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js: no wasm backend");
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")))
    throw new Error("TensorFlow.js: no SIMD");
  return tf;
}

/** Second-order MAML in TensorFlow.js. `form`: byHand | perTask. */
export async function tfjs({ tasks = 25, rows = 10, steps = 1, form = "byHand" } = {}) {
  await onWasm();
  const given = shared.problem({ tasks, rows });
  const data = columns(given.tasks, rows);
  const variables = shared
    .pieces()
    .map(({ from, to, shape }) => tf.variable(tf.tensor(given.parameters.slice(from, to), shape)));
  const adam = tf.train.adam(learningRate, beta1, beta2, epsilon);
  const gradient = () => forms[form](variables, data, steps);
  return {
    name: `TensorFlow.js wasm, ${form === "perTask" ? "a task at a time" : "batched by hand"}`,
    version: shared.version("@tensorflow/tfjs"),
    loss: Number.NaN,
    step() {
      this.loss = tf.tidy(() => {
        const { value, grads } = gradient();
        adam.applyGradients(grads.map((tensor, i) => ({ name: variables[i].name, tensor })));
        return value.dataSync()[0];
      });
      return this.loss;
    },
    /** { loss, gradient } at the present θ, flat. */
    metaGradient() {
      return tf.tidy(() => {
        const { value, grads } = gradient();
        return { loss: value.dataSync()[0], gradient: grads.flatMap((g) => [...g.dataSync()]) };
      });
    },
  };
}

await shared.checked(import.meta.url, tfjs);
