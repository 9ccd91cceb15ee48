import { checkInteger, checkNumber, checkOneOf, refuseKind } from "../check.ts";
import { MOST_STEPS } from "../layers/layer.ts";

/** 2: exact. 1: without the second derivatives, as FOMAML. */
export type Order = 1 | 2;

/** Options of an unrolled inner loop, whatever its steps are. */
export interface LoopOptions {
  /** 0 ≤ K ≤ 10,000; default 1. */
  readonly innerSteps?: number;
  /** 2, the default, or 1; or a list with one entry a step, whose last goes for all further steps. */
  readonly order?: Order | readonly Order[];
  /** The first so many meta-steps are of order 1, whatever `order` says; default 0. */
  readonly firstOrderSteps?: number;
  /**
   * Keeps every ⌈√K⌉-th θₖ only and computes what is between again: the memory of 2√K steps for one more forward sweep. The same bits.
   * Default false.
   */
  readonly checkpoint?: boolean;
}

/** Options of an unrolled inner loop with one rate to begin with. */
export interface InnerLoopOptions extends LoopOptions {
  /** α ≥ 0. */
  readonly innerLearningRate: number;
}

/** The names of {@link LoopOptions}. */
export const loopNames = ["innerSteps", "order", "firstOrderSteps", "checkpoint"] as const;

/** The names of {@link InnerLoopOptions}. */
export const innerLoopNames = ["innerLearningRate", ...loopNames] as const;

/** {@link LoopOptions}, checked and complete. */
export type InnerLoop = Required<LoopOptions>;

/**
 * @throws {RangeError} `metaSgd: expected innerSteps ≥ 0, got -1`
 */
export function checkLoop(
  where: string,
  options: LoopOptions,
  { minSteps = 0, defaultOrder = 2 as Order } = {},
): InnerLoop {
  const { innerSteps = 1, order = defaultOrder, firstOrderSteps = 0, checkpoint = false } = options;
  checkInnerSteps(where, innerSteps, minSteps);
  const orders = Array.isArray(order) ? order : [order];
  if (orders.length === 0) refuseKind(where, "order of at least one step", order);
  for (const each of orders) checkOneOf(where, "order", each, [1, 2]);
  checkInteger(where, "firstOrderSteps", firstOrderSteps, { min: 0 });
  if (typeof checkpoint !== "boolean") refuseKind(where, "checkpoint true or false", checkpoint);
  const own = Array.isArray(order) ? Object.freeze([...order]) : order;
  return { innerSteps, order: own, firstOrderSteps, checkpoint };
}

/**
 * @throws {RangeError} `maml: expected innerLearningRate ≥ 0, got -1`
 */
export function checkInnerLoop(
  where: string,
  options: InnerLoopOptions,
): InnerLoop & { readonly innerLearningRate: number } {
  const { innerLearningRate } = options;
  checkNumber(where, "innerLearningRate", innerLearningRate, { min: 0 });
  return { innerLearningRate, ...checkLoop(where, options) };
}

/** 0 ≤ K ≤ 10,000. Every step keeps a vector of parameters and more: refused here, a slip of the finger does not end in a heap that is full. */
export function checkInnerSteps(where: string, innerSteps: number, min = 0): number {
  checkInteger(where, "innerSteps", innerSteps, { min });
  return checkInteger(where, "innerSteps", innerSteps, { max: MOST_STEPS });
}

/** Whether second derivatives are taken through step k in that meta-step. */
export function isExact(
  { order, firstOrderSteps }: InnerLoop,
  k: number,
  metaStep: number,
): boolean {
  const orderAtK = typeof order === "number" ? order : order[Math.min(k, order.length - 1)];
  return orderAtK === 2 && metaStep >= firstOrderSteps;
}
