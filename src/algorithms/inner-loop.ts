import { checkInteger, checkNumber, checkOneOf, refuseKind } from "../check.ts";

/** Every step keeps a vector of parameters and more: refused here, a slip of the finger does not end in a heap that is full. */
const MAX_STEPS = 10_000;

/** 2: exact. 1: without the second derivatives, as FOMAML. */
export type Order = 1 | 2;

/** Options that all algorithms with an unrolled inner loop share. */
export interface InnerLoopOptions {
  /** α ≥ 0. */
  readonly innerLearningRate: number;
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

/** The names of {@link InnerLoopOptions}. */
export const innerLoopNames = [
  "innerLearningRate",
  "innerSteps",
  "order",
  "firstOrderSteps",
  "checkpoint",
] as const;

/** Those options, checked and complete. */
export interface InnerLoop {
  readonly innerLearningRate: number;
  readonly innerSteps: number;
  readonly order: Order | readonly Order[];
  readonly firstOrderSteps: number;
  readonly checkpoint: boolean;
}

/**
 * @throws {RangeError} `maml: expected innerSteps ≥ 0, got -1`
 */
export function checkInnerLoop(
  where: string,
  options: InnerLoopOptions,
  defaults: Partial<InnerLoop> = {},
): InnerLoop {
  const { innerLearningRate } = options;
  const {
    innerSteps = 1,
    order = 2,
    firstOrderSteps = 0,
    checkpoint = false,
  } = { ...defaults, ...defined(options) };
  checkNumber(where, "innerLearningRate", innerLearningRate, { min: 0 });
  checkInnerSteps(where, innerSteps);
  if (Array.isArray(order)) {
    if (order.length === 0) refuseKind(where, "order of at least one step", order);
    for (const each of order) checkOneOf(where, "order", each, [1, 2]);
  } else checkOneOf(where, "order", order, [1, 2]);
  checkInteger(where, "firstOrderSteps", firstOrderSteps, { min: 0 });
  if (typeof checkpoint !== "boolean") refuseKind(where, "checkpoint true or false", checkpoint);
  return { innerLearningRate, innerSteps, order, firstOrderSteps, checkpoint };
}

/** 0 ≤ K ≤ 10,000. */
export function checkInnerSteps(where: string, innerSteps: number, min = 0): number {
  checkInteger(where, "innerSteps", innerSteps, { min });
  return checkInteger(where, "innerSteps", innerSteps, { max: MAX_STEPS });
}

/** The order of step k. */
export function orderAt(order: Order | readonly Order[], k: number): Order {
  return typeof order === "number" ? order : order[Math.min(k, order.length - 1)];
}

/** Without options given as undefined: they mean the default. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
