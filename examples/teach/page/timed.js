/** Browsers round their clock, some to a millisecond: what is quick is timed by batches of at least so long. */
const LEAST = 3;
const BATCHES = 5;
/** Milliseconds for all of it, so that a slow device stays alive. */
const MOST = 30;

/**
 * Does something several times, and tells the milliseconds that once takes: the median of some batches, as others use the machine, too.
 *
 * @template T
 * @param {() => T} once
 * @returns {{ result: T, ms: number }}
 */
export function timed(once) {
  let result = once(); // the first time the engine may still compile
  let times = 1;
  /** @type {number[]} */
  const each = [];
  const end = performance.now() + MOST;
  while (each.length === 0 || (each.length < BATCHES && performance.now() < end)) {
    const start = performance.now();
    for (let i = 0; i < times; i++) result = once();
    const ms = performance.now() - start;
    if (ms < LEAST) times *= 2;
    else each.push(ms / times);
  }
  each.sort((a, b) => a - b);
  return { result, ms: each[each.length >> 1] };
}
