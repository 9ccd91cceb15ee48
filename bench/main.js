/**
 * Speed and size, each speed as a ratio measured in the same run.
 *
 *     npm run build && npm run bench -- [--short] [--json FILE]
 *
 * In each round the entries of a table take short turns in this process; the Python peers, in a
 * process of theirs, run between two rounds. Ratios are of the least times: what is left when
 * nothing else runs on the machine.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { algorithmTables } from "./algorithms.js";
import { conv2dPairs, conv2dPeers } from "./conv2d-peers.js";
import { conv2dEntries, conv2dSpeeds } from "./conv2d.js";
import { firstAdapt, sizes } from "./footprint.js";
import { gemmEntries } from "./gemm.js";
import { compare, machine } from "./harness.js";
import { convolutional, omniglot, sinusoid } from "./learners.js";
import { peakEntry } from "./peak.js";
import { javaScriptPeers, pythonAgreeing, pythonPeers } from "./peers.js";
import { replayEntries, typescriptShare } from "./replay.js";
import { report } from "./report.js";
import { merge } from "./rounds.js";

/**
 * @import { Skipped, Timed } from "./peers.js"
 * @import { Rated } from "./report.js"
 */

const { values: options } = parseArgs({
  options: { short: { type: "boolean", default: false }, json: { type: "string" } },
});

/** Rounds; seconds of each entry in each of them; processes that import the library. */
const effort = options.short
  ? { rounds: 1, seconds: 0.4, processes: 5 }
  : { rounds: 3, seconds: 1.5, processes: 20 };

const peak = peakEntry();
const products = await gemmEntries();
const convolutions = await conv2dEntries();
const waves = await sinusoid();
const { calls, replay, crossing } = replayEntries(await sinusoid());
const peers = await javaScriptPeers();
const convolutionPeers = await conv2dPeers();
const images = await omniglot();
const conv4 = await convolutional();
const agreeing = pythonAgreeing("conv4", conv4.gradient);
const family = await algorithmTables();

/** @typedef {{ name: string, step: () => unknown, version?: string, flops?: number }} Entry */

/** Figures of entries that take turns, the peak first. */
const measure = async (/** @type {Entry[]} */ ...entries) =>
  /** @type {Rated[]} */ (await compare([peak, ...entries], effort));

/** The algorithms' tables, each in turns of its own: ratios within a table need less time than shares of the peak. */
async function measureTables() {
  const tables = [];
  for (const { entries } of family)
    tables.push(await compare(entries, { ...effort, seconds: effort.seconds / 4 }));
  return tables;
}

/** A convolution's passes and the peak, in short turns: there are many. */
const measureConvolutions = async () =>
  /** @type {Rated[]} */ (
    await compare([peak, ...convolutions], { ...effort, seconds: effort.seconds / 6 })
  );

/** In short turns for the same reason. */
const measureConvolutionPeers = () =>
  compare(convolutionPeers.entries, { ...effort, seconds: effort.seconds / 6 });

/** A step lasts longer than a turn. */
const measureConv4 = async () =>
  /** @type {Rated[]} */ (await compare([peak, conv4], { ...effort, seconds: effort.seconds / 4 }));

/** One round's figures, table by table. */
async function measureRound() {
  return {
    gemm: await measure(...products),
    convolutions: await measureConvolutions(),
    convolutionPeers: await measureConvolutionPeers(),
    sinusoid: await measure(waves, replay, crossing, ...peers.entries),
    omniglot: await measure(...images),
    conv4: await measureConv4(),
    algorithms: await measureTables(),
    python: pythonPeers(effort.seconds),
  };
}

/** @type {Awaited<ReturnType<typeof measureRound>>[]} */
const rounds = [];
for (let made = 0; made < effort.rounds; made++) rounds.push(await measureRound());

const [gemmPeak, ...gemm] = merge(rounds.map((round) => round.gemm));
const [convolutionsPeak, ...convolved] = merge(rounds.map((round) => round.convolutions));
const [wavesPeak, metaStep, replayed, crossed, ...others] = merge(rounds.map((r) => r.sinusoid));
const [imagesPeak, ...imagesSteps] = merge(rounds.map((round) => round.omniglot));
const [conv4Peak, conv4Step] = merge(rounds.map((round) => round.conv4));
const isTimed = (/** @type {Timed | Skipped} */ peer) => peer.skipped === undefined;
const python = merge(
  rounds.map((round) => /** @type {Timed[]} */ (round.python.filter((peer) => isTimed(peer)))),
);
const skipped = /** @type {Skipped[]} */ (rounds[0].python.filter((peer) => !isTimed(peer)));
const pythonOf = (/** @type {string} */ task) => python.filter((peer) => peer.task === task);
const share = { calls, metaStep: metaStep.min, replay: replayed.min, crossing: crossed.min };

const results = {
  machine: machine(),
  short: options.short,
  gemm: {
    peak: gemmPeak,
    entries: gemm.map((figures, i) => ({ ...figures, target: products[i].target })),
  },
  convolutions: { peak: convolutionsPeak, shapes: conv2dSpeeds(convolutions, convolved) },
  convolutionPeers: {
    trains: convolutionPeers.trains,
    pairs: conv2dPairs(
      convolutionPeers.shapes,
      merge(rounds.map((round) => round.convolutionPeers)),
    ),
  },
  sinusoid: {
    peak: wavesPeak,
    entries: [metaStep, ...others, ...pythonOf("sinusoid")],
    flops: waves.flops,
    calls,
    replay: replayed,
    crossing: crossed,
    typescriptShare: typescriptShare(share),
  },
  omniglot: {
    peak: imagesPeak,
    entries: [...imagesSteps, ...pythonOf("omniglot")],
    flops: images[1].flops,
  },
  conv4: {
    peak: conv4Peak,
    entries: [conv4Step, ...pythonOf("conv4").filter(({ name }) => agreeing.names.includes(name))],
    flops: conv4.flops,
    padding: conv4.padding,
  },
  algorithms: family.map(({ name, entries }, i) => ({
    name,
    entries: merge(rounds.map((round) => round.algorithms[i])).map((figures, j) => ({
      ...figures,
      flops: entries[j].flops,
      megabytes: entries[j].megabytes,
    })),
  })),
  sizes: await sizes(),
  firstAdapt: firstAdapt(effort.processes),
  skipped: [...peers.skipped, ...convolutionPeers.skipped, ...agreeing.skipped, ...skipped],
};

console.log(report(results));
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
