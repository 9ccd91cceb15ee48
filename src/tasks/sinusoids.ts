import { checkArray, checkFinite, checkInteger, checkOptions, refuse } from "../check.ts";
import { MAX_ANGLE, sin } from "../math.ts";
import { checkRandom, type Random } from "../random.ts";
import type { Batch, Task, TaskDistribution } from "../task.ts";

/** A range [from, to]; both alike for a fixed value. */
export type Range = readonly [from: number, to: number];

/** Options of {@link sinusoids}. */
export interface SinusoidsOptions {
  /** Support rows; default 10. */
  readonly shots?: number;
  /** Query rows, at points of their own; default 10. */
  readonly queryShots?: number;
  /** Range of A; default [0.1, 5]. */
  readonly amplitude?: Range;
  /** Range of the phase φ in radians; default [0, π]. */
  readonly phase?: Range;
  /** Range of x; default [−5, 5]. */
  readonly inputs?: Range;
  /** Range of ω in radians per unit of x; default [1, 1]. */
  readonly frequency?: Range;
}

/** A sinusoid's task, and which sinusoid it is. */
export interface SinusoidTask extends Task {
  readonly amplitude: number;
  readonly phase: number;
  readonly frequency: number;
}

/** A {@link TaskDistribution} of sinusoids. */
export interface Sinusoids extends TaskDistribution {
  sample(random: Random): SinusoidTask;
}

const OPTIONS = ["shots", "queryShots", "amplitude", "phase", "inputs", "frequency"];

/**
 * Regression on sinusoids, the first benchmark of meta-learning:
 *
 *     y = A sin(ω x − φ),   A ~ U[0.1, 5],  φ ~ U[0, π],  x ~ U[−5, 5],  ω = 1
 *
 * The sign before φ is that of the authors' code; their paper does not say. A task draws A, φ, ω,
 * then the support's x, then the query's, one word each. y is computed in f64 from the x that the
 * task holds (f32), with `sin` of this library: the same bits in every engine.
 *
 * @returns inSize 1, targetSize 1; inputs and targets are Float32Array
 * @throws {RangeError} `sinusoids: expected shots ≥ 1, got 0`, `sinusoids: expected inputs [from,
 * to] with from ≤ to, got [5, -5]`; |ω x − φ| that can pass 2²⁰
 * @throws {TypeError} `sample: expected a Random, got undefined`
 * @see Finn, Abbeel, Levine 2017, arXiv:1703.03400, section 5.1
 * @example
 * const task = sinusoids({ shots: 5 }).sample(new Random(1));
 */
export function sinusoids(options: SinusoidsOptions = {}): Sinusoids {
  checkOptions("sinusoids", options, OPTIONS);
  const { shots = 10, queryShots = 10 } = options;
  checkInteger("sinusoids", "shots", shots, { min: 1 });
  checkInteger("sinusoids", "queryShots", queryShots, { min: 1 });
  const amplitude = checkRange("amplitude", [0.1, 5], options.amplitude);
  const phase = checkRange("phase", [0, Math.PI], options.phase);
  const inputs = checkRange("inputs", [-5, 5], options.inputs);
  const frequency = checkRange("frequency", [1, 1], options.frequency);
  const largest = reach(frequency) * reach(inputs) + reach(phase);
  if (largest > MAX_ANGLE) refuse("sinusoids", `|ω x − φ| ≤ ${MAX_ANGLE}`, largest);

  function draw(random: Random, rows: number, a: number, phi: number, omega: number): Batch {
    const x = new Float32Array(rows);
    const y = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      x[i] = random.uniform(inputs[0], inputs[1]);
      y[i] = a * sin(omega * x[i] - phi);
    }
    return { inputs: x, targets: y, rows };
  }

  function sample(random: Random): SinusoidTask {
    checkRandom("sample", random);
    const a = random.uniform(amplitude[0], amplitude[1]);
    const phi = random.uniform(phase[0], phase[1]);
    const omega = random.uniform(frequency[0], frequency[1]);
    const support = draw(random, shots, a, phi, omega);
    const query = draw(random, queryShots, a, phi, omega);
    return { support, query, amplitude: a, phase: phi, frequency: omega };
  }

  return Object.freeze({ inSize: 1, targetSize: 1, sample });
}

/** A copy of the range, or what it is by default. */
function checkRange(name: string, usual: Range, range = usual): Range {
  checkFinite("sinusoids", name, checkArray("sinusoids", name, range, 2, "from and to"));
  if (!(range[0] <= range[1])) refuse("sinusoids", `${name} [from, to] with from ≤ to`, range);
  return [range[0], range[1]];
}

function reach(range: Range): number {
  return Math.max(Math.abs(range[0]), Math.abs(range[1]));
}
