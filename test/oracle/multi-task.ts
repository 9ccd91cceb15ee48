import { add, div, grad, place, slice } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { jointLoss } from "./meta.ts";
import { anil } from "./rules.ts";
import { parametrized } from "./setting.ts";
import type { Setting } from "./setting.ts";
import type { Unrolled } from "./unrolled.ts";

/** One body for all training tasks and a head for each: own = heads[tasks]. A new task starts from the mean of the heads. */
export const multiTask: Unrolled = {
  ownCount: (setting) => tasksOf(setting) * (setting.size - bodyOf(setting)),
  first({ theta, own }, _, setting) {
    const heads = Array.from({ length: tasksOf(setting) }, (_, i) => headOf(own, i, setting));
    const mean = div(heads.reduce(add), heads.length);
    return { phi: withHead(theta, mean, setting), memory: [] };
  },
  step: anil.step,
  taskGradient({ meta, theta, own }, task, setting) {
    const { index } = task;
    if (index === undefined || !(index >= 0 && index < tasksOf(setting)))
      throw new RangeError(`multiTask: expected index of a training task, got ${index}`);
    const phi = withHead(theta, headOf(own, index, setting), setting);
    const loss = jointLoss(setting.objective, phi, task);
    return { loss: loss.data[0], gradient: grad(loss, [meta])[0].data };
  },
};

function tasksOf({ options: { tasks } }: Setting): number {
  if (tasks === undefined) throw new RangeError("multiTask: expected tasks, got undefined");
  return tasks;
}

/** How many numbers of θ come ahead of the last layer that has any. */
function bodyOf(setting: Setting): number {
  const last = parametrized(setting).at(-1);
  return setting.tensors.find(({ layer }) => layer === last)!.offset;
}

function headOf(own: Tensor, index: number, setting: Setting): Tensor {
  const length = setting.size - bodyOf(setting);
  return slice(own, index * length, 1, length);
}

function withHead(theta: Tensor, head: Tensor, setting: Setting): Tensor {
  const body = bodyOf(setting);
  return add(place(slice(theta, 0, 1, body), 0, setting.size), place(head, body, setting.size));
}
