import { MOST_TASKS } from "../batch.ts";
import { checkInteger, checkNumber, checkOptions } from "../check.ts";
import { lengthInAll } from "../model.ts";
import type { Batch, Task } from "../task.ts";
import type { Vector } from "../vector.ts";
import { type Algorithm, type Binding } from "./algorithm.ts";
import { descent } from "./descent.ts";
import { checkInnerSteps } from "./inner-loop-options.ts";
import { jointGradient } from "./joint.ts";
import { checkAllAdapt, checkNoStepNorms } from "./layers.ts";

/** Options of {@link multiTask}. */
export interface MultiTaskOptions {
  /** Training tasks, told apart by `task.index` = 0 … tasks − 1. */
  readonly tasks: number;
  /** α ≥ 0 with which a new task's head is fitted; default 0.01. */
  readonly innerLearningRate?: number;
  /** 0 ≤ K ≤ 10,000 steps of that; default 0. */
  readonly innerSteps?: number;
}

/**
 * Multi-task learning, a baseline: one body for all tasks and a head, the last layer with parameters, for each.
 *
 *     loss of task i = (nₛ L(body, headᵢ; support) + n_q L(body, headᵢ; query))/(nₛ + n_q),   n the number of rows, or the sum of their weights
 *
 * Meta-parameters behind θ: heads[task][parameter], each starting as θ's own head, which has no part in training. A new task starts at the
 * mean of all heads, and fits its own by K gradient steps on the support set, the body as it is. One task costs two gradients and
 * three passes over all heads; adapting a pass over them.
 *
 * @throws {RangeError} `multiTask: expected 1 ≤ tasks ≤ 16777215, got 0`; in createLearner, a head with `adapted: false`; in training, a
 * task's index out of range
 * @throws {TypeError} in training, a task without an index
 * @see Caruana 1997, Multitask Learning
 */
export function multiTask(options: MultiTaskOptions): Algorithm {
  checkOptions("multiTask", options, ["tasks", "innerLearningRate", "innerSteps"]);
  const { tasks, innerLearningRate = 0.01, innerSteps = 0 } = options;
  checkInteger("multiTask", "tasks", tasks, { min: 1, max: MOST_TASKS });
  checkNumber("multiTask", "innerLearningRate", innerLearningRate, { min: 0 });
  checkInnerSteps("multiTask", innerSteps);
  return {
    kind: "multiTask",
    followsGradient: true,
    options: { tasks, innerLearningRate, innerSteps },
    own(tensors) {
      const { offset, length } = headOf(tensors);
      return [
        {
          name: "heads",
          shape: [tasks, length],
          initialize(values, _random, theta) {
            const head = theta.subarray(offset, offset + length);
            for (let i = 0; i < tasks; i++) values.set(head, i * length);
          },
        },
      ];
    },
    bind: (binding) => bind(binding, { tasks, innerLearningRate, innerSteps }),
  };
}

function bind(
  binding: Binding,
  { tasks, innerLearningRate, innerSteps }: Required<MultiTaskOptions>,
) {
  const { network, parameters, own, gradient: dTheta, ownGradient } = binding;
  checkNoStepNorms("multiTask", network);
  const { layer, offset, length } = headOf(network.tensors);
  const head = network.model.layers[layer];
  checkAllAdapt("multiTask", [head], "a last layer with parameters that adapts");
  const descend = descent(network.adapting([layer]), innerLearningRate, innerSteps);
  const joint = jointGradient(network);
  const [phi, total] = network.vectors(2, "path");
  const [phiHead, dHead] = [phi.part(offset, length), total.part(offset, length)];
  const heads = Array.from({ length: tasks }, (_, i) => own.part(i * length, length));
  const dHeads = heads.map((_, i) => ownGradient.part(i * length, length));
  return {
    adapt(support: Batch, steps?: number): Vector {
      phi.copy(parameters);
      phiHead.fill(0);
      for (const each of heads) phiHead.axpy(1 / tasks, each);
      return descend(phi, support, steps);
    },
    metaGradient(task: Task, scale: number): number {
      const i = checkInteger("multiTask", "task.index", task.index, { min: 0, below: tasks });
      phi.copy(parameters);
      phiHead.copy(heads[i]);
      const loss = joint(phi, task, scale, total.fill(0));
      dHeads[i].axpy(1, dHead);
      dHead.fill(0);
      dTheta.axpy(1, total);
      return loss;
    },
  };
}

/** The last layer with parameters, and where it stands in θ. */
function headOf(tensors: Binding["network"]["tensors"]) {
  const { layer } = tensors[tensors.length - 1];
  const own = tensors.filter((tensor) => tensor.layer === layer);
  return { layer, offset: own[0].offset, length: lengthInAll(own) };
}
