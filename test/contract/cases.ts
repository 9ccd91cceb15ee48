/** Every row of the table on every network that it is for, with the tasks that all of them are held against. */
import {
  type Algorithm,
  adam,
  createLearner,
  type Learner,
  Random,
  type Task,
} from "../../src/index.ts";
import * as rvml from "../../src/index.ts";
import { core } from "../build.ts";
import { losses } from "../learners.ts";
import { modelOf } from "../library-model.ts";
import { objectives, taskOf, weighted } from "../objectives.ts";
import type { Objective } from "../oracle/meta.ts";
import { type AnyModel, type Layer, tensorsOf } from "../oracle/network.ts";
import { imageNetwork, imageSizes } from "./image-network.ts";
import { type AlgorithmName, type Options, oracles } from "./oracles.ts";
import { type Row, rows } from "./rows.ts";

/** The functions that make algorithms. */
export const makers = rvml as unknown as Record<AlgorithmName, (options?: unknown) => Algorithm>;

/** A row on a network. */
export interface Case extends Omit<Row, "options" | "needs" | "learns"> {
  readonly title: string;
  /** Whether this is the first of its row. */
  readonly first: boolean;
  readonly objective: Objective<AnyModel>;
  /** The same in sizes, loss and norm, without the context layer. */
  readonly sizes: (typeof objectives)[number];
  readonly options: Options;
}

/** Every row on every network. */
export const all: readonly Case[] = rows.flatMap((row) =>
  [...objectives, imageSizes]
    .filter((each) => !row.needs?.includes("classes") || each.loss === "crossEntropy")
    .filter((each) => !row.needs?.includes("unnormalized") || !each.model.norm)
    .map((each, i) => ({ ...caseOf(row, each), first: i === 0 })),
);

/** RVML_CONTRACT=quick (mutation tests, which run them a thousand times): each row on the first network that it is for. */
export const cases = process.env.RVML_CONTRACT === "quick" ? all.filter(({ first }) => first) : all;

function caseOf(row: Row, sizes: (typeof objectives)[number]): Omit<Case, "first"> {
  const objective = objectiveOf(sizes, row.needs?.includes("context") ?? false);
  const layers = [...new Set(tensorsOf(objective.model).map(({ layer }) => layer))];
  const options = optionsOf(row, layers);
  const title = `${row.name} ${JSON.stringify(options)}: ${sizes.name}`;
  return { ...row, title, objective, sizes, options };
}

/** What a row's algorithm is called with on a network whose layers with parameters these are. */
export function optionsOf({ options }: Row, layers: readonly number[]): Options {
  return typeof options === "function" ? options(layers) : options;
}

function objectiveOf(sizes: (typeof objectives)[number], contextual: boolean): Objective<AnyModel> {
  if (sizes === imageSizes) return { model: imageNetwork(contextual), loss: sizes.loss };
  return contextual ? withContext(sizes) : sizes;
}

/** With a context layer ahead of all, or, where batch norm would cancel what it adds to every row alike, ahead of the last layer. */
function withContext({ model, loss }: (typeof objectives)[number]): Objective<AnyModel> {
  const { sizes, activation: name, norm } = model;
  if (norm !== "batch") return { model: { ...model, context: 2 }, loss };
  const layers: Layer[] = [
    { kind: "dense", outSize: sizes[1] },
    { kind: "batchNorm" },
    { kind: "activation", name },
    { kind: "context", size: 2 },
    { kind: "dense", outSize: sizes.at(-1) as number },
  ];
  return { model: { inSize: sizes[0], layers }, loss };
}

/** A case with its model changed. */
export function withModel(each: Case, change: (model: AnyModel) => AnyModel): Case {
  const { objective } = each;
  return { ...each, objective: { ...objective, model: change(objective.model) } };
}

/** The algorithm of a case, with some options changed. */
export function algorithmOf(
  { name, options }: Pick<Case, "name" | "options">,
  changes: Options = {},
): Algorithm {
  return makers[name]({ ...options, ...changes });
}

/** A learner on a case, at θ and own meta-parameters of ordinary size: none of them where it starts. */
export async function learnerOf(each: Case, changes: Options = {}): Promise<Learner> {
  const learner = await freshLearnerOf(each, changes);
  const { parameters, metaParameters } = learner;
  const random = new Random(1);
  for (let i = 0; i < metaParameters.length; i++)
    if (i < parameters.length) metaParameters[i] = 0.5 * random.normal();
    else metaParameters[i] += 0.1 * random.normal();
  return learner;
}

/** A learner on a case as it is created. */
export function freshLearnerOf(each: Case, changes: Options = {}): Promise<Learner> {
  return createLearner({
    model: modelOf(each.objective.model),
    loss: losses[each.objective.loss](),
    algorithm: algorithmOf(each, changes),
    metaOptimizer: adam({ learningRate: 0.01 }),
    seed: 1,
    core,
  });
}

/**
 * Support rows below, at and above what a tape holds (32); query rows above what passes at a time (128). Some are weighted. Of images
 * fewer: the oracle takes its time over them, and batch norm has all rows pass at a time, however many.
 */
export function tasksOf({ sizes }: Case): Task[] {
  return [
    taskOf(sizes, 1),
    weighted(taskOf(sizes, 2, 5, sizes === imageSizes ? 14 : 140), 1),
    weighted(taskOf(sizes, 3, 32, 9), 2),
    taskOf(sizes, 4, 33, 4),
  ].map((task, i) => ({ ...task, index: i % 3 }));
}

/** Support rows at and above what passes at a time, the second weighted; one after the other of the same index. Fewer of images. */
export function largeTasksOf({ sizes }: Case): Task[] {
  const [at, above] = sizes === imageSizes ? [32, 33] : [128, 129];
  return [taskOf(sizes, 5, at, 32), weighted(taskOf(sizes, 6, above, at), 3)].map((task) => ({
    ...task,
    index: 1,
  }));
}

/** What the f64 oracle says of a case's tasks. */
export function expectedOf(
  { name, objective, options }: Case,
  { metaParameters, step }: Learner,
  tasks: readonly Task[],
  changes: Options = {},
) {
  const all = { ...options, ...changes };
  return oracles[name].gradient(objective, metaParameters, tasks, all, step);
}
