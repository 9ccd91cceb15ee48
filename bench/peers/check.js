import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { convolutional, sinusoid } from "../learners.js";
import { figures } from "./problem.js";

/**
 * Do we and all peers solve the same problem? `node bench/peers/check.js` runs each peer with --check
 * and compares loss, gradient norm and a weighted sum of the gradient at the same θ and tasks.
 */

const TOLERANCE = 2e-5; // relative; f32 sums in different orders differ by about 1e-7

/** By torch in f64; the sinusoid's first-order gradient's norm would be 1.6611. */
const EXPECTED = {
  sinusoid: { loss: 2.423829646, norm: 1.405680346, slope: -3.609284836 },
  conv4: { loss: 2.726108613, norm: 7.721618523, slope: 189.415306258 },
};

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const run = (program, file, ...options) =>
  JSON.parse(
    execFileSync(program, [here(file), "--check", ...options], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    }),
  );

/** Ours. */
function own(task, { name, learner, tasks }) {
  return { task, ...figures(name, learner.metaGradient(tasks)) };
}

const peers = [
  own("sinusoid", await sinusoid()),
  own("conv4", await convolutional()),
  ...["jax-js.js", "tfjs.js"].map((file) => ({ task: "sinusoid", ...run(process.execPath, file) })),
];
try {
  for (const task of Object.keys(EXPECTED))
    peers.push(...run("python3", "peers.py", "--task", task));
} catch (error) {
  console.log(`skipped the Python peers: ${error.message.split("\n")[0]}`);
}
for (const { task, name, skipped, ...peer } of peers) {
  if (skipped) {
    console.log(`${task}, ${name}: skipped, ${skipped}`);
    continue;
  }
  const wrong = Object.entries(EXPECTED[task]).filter(
    ([key, value]) => !(Math.abs(peer[key] - value) <= TOLERANCE * Math.abs(value)),
  );
  if (wrong.length) process.exitCode = 1;
  const verdict = wrong.map(([key, value]) => `${key} ${peer[key]}, expected ${value}`).join("; ");
  console.log(`${task}, ${name}: ${verdict || "agrees"}`);
}
