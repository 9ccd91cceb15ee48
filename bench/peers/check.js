import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Do all peers solve the same problem? `node bench/peers/check.js` runs each with --check and
 * compares loss, gradient norm and a weighted sum of the gradient at the same θ and tasks.
 */

const TOLERANCE = 2e-5; // relative; f32 sums in different orders differ by about 1e-7

/** By torch in f64; the first-order gradient's norm would be 1.6611. */
const EXPECTED = { loss: 2.423829646, norm: 1.405680346, slope: -3.609284836 };

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const run = (program, file) =>
  JSON.parse(execFileSync(program, [here(file), "--check"], { encoding: "utf8" }));

const peers = [run(process.execPath, "jax-js.js"), run(process.execPath, "tfjs.js")];
try {
  peers.push(...run("python3", "peers.py").filter(({ task }) => task === "sinusoid"));
} catch (error) {
  console.log(`skipped the Python peers: ${error.message.split("\n")[0]}`);
}
for (const { name, skipped, ...peer } of peers) {
  if (skipped) {
    console.log(`${name}: skipped, ${skipped}`);
    continue;
  }
  const wrong = Object.entries(EXPECTED).filter(
    ([key, value]) => !(Math.abs(peer[key] - value) <= TOLERANCE * Math.abs(value)),
  );
  if (wrong.length) process.exitCode = 1;
  const verdict = wrong.map(([key, value]) => `${key} ${peer[key]}, expected ${value}`).join("; ");
  console.log(`${name}: ${verdict || "agrees"}`);
}
