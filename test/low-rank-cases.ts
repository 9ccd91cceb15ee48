/** Networks whose tasks can go side by side on fast weights of low rank, tasks for them, and what the f64 oracle says of both. */
import {
  type Algorithm,
  createLearner,
  type Learner,
  maml,
  type MamlOptions,
  sgd,
  type Task,
} from "../src/index.ts";
import type { Binding, Together } from "../src/algorithms/algorithm.ts";
import { core } from "./build.ts";
import { draw } from "./draws.ts";
import { losses } from "./learners.ts";
import { modelOf } from "./library-model.ts";
import { family } from "./oracle/family.ts";
import { nearestKink } from "./oracle/kinks.ts";
import type { MetaGradient, Objective } from "./oracle/meta.ts";
import {
  type AnyModel,
  type Layer,
  layersOf,
  type LossName,
  type Sequential,
} from "./oracle/network.ts";

/** An objective with an inner loop and θ of ordinary size to go with it. */
export interface Case extends Objective<AnyModel> {
  readonly name: string;
  readonly theta: Float32Array;
  readonly inner: Pick<
    MamlOptions,
    "innerLearningRate" | "innerSteps" | "order" | "firstOrderSteps"
  >;
}

/** Small and odd: no layer's rows are whole vectors. */
export const SIZES = [13, 11, 9, 5];

/** Dense layers of those sizes with that behind each but the last. */
export function stackOf(
  sizes: readonly number[],
  behind: readonly Layer[],
  options: { readonly bias?: boolean } = {},
): Sequential {
  const layers = sizes.slice(1).flatMap((outSize, i): Layer[] => {
    const dense: Layer = { kind: "dense", outSize, ...options };
    return i === sizes.length - 2 ? [dense] : [dense, ...behind];
  });
  return { inSize: sizes[0], layers };
}

export function caseOf(
  name: string,
  model: AnyModel,
  loss: LossName,
  inner: Partial<Case["inner"]> = {},
): Case {
  const { theta } = draw({ model, loss }, 8);
  return { name, model, loss, theta, inner: { innerLearningRate: 0.3, innerSteps: 1, ...inner } };
}

/** Rows of a task, and which of its batches have row weights. */
export interface Rows {
  readonly support: number;
  readonly query: number;
  readonly weighted?: "support" | "query" | "both";
}

/** What a pre-activation keeps from a kink: more than in draws.ts, for what f32 makes of θ on the way. */
const KINK_DISTANCE = 5e-5;

/** A made-up task, none of whose rows comes near a kink on the way through its inner loop from θ. */
export function taskOf(each: Case, rows: Rows, seed = 1): Task {
  for (let attempt = 0; attempt < 100; attempt++) {
    const [support, query] = (["support", "query"] as const).map((part, i) => {
      const weighted = rows.weighted === part || rows.weighted === "both";
      return draw(each, rows[part], { seed: 1000 * seed + 10 * attempt + i, weighted }).batch;
    });
    if (kinkOf(each, { support, query }) > KINK_DISTANCE) return { support, query };
  }
  throw new Error(`${each.name}: expected a task away from kinks`);
}

/** That many of the same rows. */
export function tasksOf(each: Case, rows: Rows, count: number): Task[] {
  return Array.from({ length: count }, (_, i) => taskOf(each, rows, i));
}

function kinkOf(each: Case, { support, query }: Task): number {
  const { model, inner, theta } = each;
  if (!layersOf(model).layers.some((layer) => layer.kind === "activation" && layer.name === "relu"))
    return Infinity;
  const at = (steps: number) => family.maml.adapt(each, theta, support, { ...inner, steps });
  const steps = Array.from({ length: inner.innerSteps ?? 1 }, (_, k) => k);
  return Math.min(
    nearestKink(model, at(steps.length), query),
    ...steps.map((k) => nearestKink(model, at(k), support)),
  );
}

/** The oracle's mean over the tasks, at the learner's θ. */
export function expectedOf(
  each: Case,
  tasks: readonly Task[],
  { order, metaStep = 0 }: { order?: 1 | 2; metaStep?: number } = {},
): MetaGradient {
  const inner = order ? { ...each.inner, order } : each.inner;
  return family.maml.gradient(each, each.theta, tasks, inner, metaStep);
}

/** A learner whose algorithm tells what it is asked. */
export interface Observed {
  readonly learner: Learner;
  /** For each call how many tasks went side by side; 0: one by itself. */
  readonly calls: number[];
  readonly binding: Binding;
  readonly together: Together | undefined;
}

/** A learner on a case at θ. */
export async function observe(
  each: Case,
  fastWeights: MamlOptions["fastWeights"],
): Promise<Observed> {
  const calls: number[] = [];
  const seen: { binding?: Binding; together?: Together | undefined } = {};
  const learner = await createLearner({
    model: modelOf(each.model),
    loss: losses[each.loss](),
    algorithm: observed(maml({ ...each.inner, fastWeights }), calls, seen),
    metaOptimizer: sgd({ learningRate: 0.1 }),
    seed: 1,
    parameters: each.theta,
    core,
  });
  return { learner, calls, binding: seen.binding!, together: seen.together };
}

function observed(
  algorithm: Algorithm,
  calls: number[],
  seen: { binding?: Binding; together?: Together | undefined },
): Algorithm {
  return {
    ...algorithm,
    bind(binding) {
      const bound = algorithm.bind(binding);
      const { together } = bound;
      Object.assign(seen, { binding, together });
      return {
        ...bound,
        metaGradient(...task) {
          calls.push(0);
          return bound.metaGradient(...task);
        },
        together: together && {
          count: together.count,
          metaGradient(...tasks) {
            calls.push(tasks[0].length);
            return together.metaGradient(...tasks);
          },
        },
      };
    },
  };
}
