import { table } from "./harness.js";

/**
 * @import { Pair } from "./conv2d-peers.js"
 * @import { Size, Times } from "./footprint.js"
 * @import { Skipped } from "./peers.js"
 * @import { Figures } from "./rounds.js"
 *
 * @typedef {Figures & { gflops: number }} Rated
 * @typedef {{ peak: Rated, entries: Figures[], flops: number }} MetaSteps `entries[0]` is ours
 *
 * @typedef {{ name: string, entries: (Figures & { flops?: number, megabytes: number })[] }} AlgorithmTable `entries[0]` is maml
 *
 * @typedef {object} Results
 * @property {{ cpu: string, node: string, cores: number, commit: string | undefined }} machine
 * @property {boolean} short
 * @property {{ peak: Rated, entries: (Rated & { target: number })[] }} gemm
 * @property {{ peak: Rated, shapes: { shape: string, target?: number, speeds: Record<string, number> }[] }} convolutions
 * @property {{ trains: boolean, pairs: Pair[] }} convolutionPeers
 * @property {MetaSteps & { calls: number, typescriptShare: number }} sinusoid
 * @property {MetaSteps} omniglot
 * @property {MetaSteps & { padding: number }} conv4 `padding`: share of the flops that multiplies zeros of padding
 * @property {AlgorithmTable[]} algorithms
 * @property {Size[]} sizes
 * @property {{ minimum: Times, median: Times, processes: number }} firstAdapt
 * @property {Skipped[]} skipped
 */

/** What is asked of the sinusoid meta-step. */
const ASKED = { share: 0.55, jaxJs: 25, typescript: 0.08 };

const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
const milliseconds = (/** @type {number} */ microseconds) =>
  Number((microseconds / 1e3).toPrecision(4));
const verdict = (/** @type {boolean} */ met) => (met ? "met" : "MISSED");
const rate = (/** @type {Rated} */ { gflops }) => `${gflops.toFixed(1)} GFLOP/s`;

/** @param {Results["gemm"]} gemm */
function gemmRows({ peak, entries }) {
  return entries.map(({ name, gflops, target }) => ({
    product: name,
    "GFLOP/s": gflops,
    "of the peak": percent(gflops / peak.gflops),
    asked: `≥ ${percent(target)}`,
    "": verdict(gflops / peak.gflops >= target),
  }));
}

/** Shares of the peak. @param {Results["convolutions"]} convolutions */
function convolutionRows({ peak, shapes }) {
  return shapes.map(({ shape, target, speeds }) => {
    const shares = Object.entries(speeds).map(([pass, gflops]) => [pass, gflops / peak.gflops]);
    const met = target && shares.every(([, share]) => Number(share) >= target);
    return {
      input: shape,
      ...Object.fromEntries(shares.map(([pass, share]) => [pass, percent(Number(share))])),
      asked: target ? `≥ ${percent(target)}` : "",
      "": target ? verdict(Boolean(met)) : "",
    };
  });
}

/** Nothing without TensorFlow.js. @param {Results["convolutionPeers"]} peers */
function convolutionPeerLines({ trains, pairs }) {
  if (pairs.length === 0) return [];
  const version = pairs[0].theirs.version ?? "";
  const rows = pairs.map(({ shape, ours, theirs }) => ({
    input: shape,
    "rvml, least µs": ours.min,
    "median µs": ours.median,
    "TensorFlow.js, least µs": theirs.min,
    "its median µs": theirs.median,
    "times ours": Number((theirs.min / ours.min).toPrecision(3)),
  }));
  const lacks = "has no gradient of convolutions with respect to filters: it cannot train them";
  return [
    `Convolutions forward, 64 filters of 3×3 and bias; TensorFlow.js ${version} wasm, SIMD, one thread, filters laid out once`,
    table(rows),
    ...(trains ? [] : [`TensorFlow.js' wasm backend ${lacks}`]),
    "",
  ];
}

/** @param {MetaSteps} meta */
function metaRows({ entries }) {
  return entries.map(({ name, version, min, median }) => ({
    library: version ? `${name} ${version}` : name,
    "least ms": milliseconds(min),
    "median ms": milliseconds(median),
    "times ours": Number((min / entries[0].min).toPrecision(3)),
  }));
}

/** Our share of the peak, measured in the same turns. @param {MetaSteps} meta */
const share = ({ peak, entries, flops }) => flops / entries[0].min / 1e3 / peak.gflops;

/** @param {MetaSteps} meta */
const usefulLine = (meta) =>
  `${(meta.flops / 1e6).toFixed(1)} MFLOP useful: ${percent(share(meta))} of the peak of ${rate(meta.peak)}`;

/** @param {Results["sinusoid"]} sinusoid */
function verdicts({ typescriptShare, calls, ...meta }) {
  const [ours, ...others] = meta.entries;
  const jaxJs = others.filter(({ name }) => name.startsWith("jax-js")).map(({ min }) => min);
  const lines = [
    `${usefulLine(meta)} (asked: ${percent(ASKED.share)}, ${verdict(share(meta) >= ASKED.share)})`,
    `TypeScript's share, with ${calls} calls into the core: ${percent(typescriptShare)} ` +
      `(asked: < ${percent(ASKED.typescript)}, ${verdict(typescriptShare < ASKED.typescript)})`,
  ];
  if (jaxJs.length === 0) return lines;
  const lead = Math.min(...jaxJs) / ours.min;
  const met = verdict(lead >= ASKED.jaxJs);
  return [
    ...lines,
    `${lead.toFixed(1)} times jax-js's better form (asked: ${ASKED.jaxJs}, ${met})`,
  ];
}

/** Of the flops that count, some multiply zeros of padding. @param {Results["conv4"]} conv4 */
function conv4Line({ padding, ...meta }) {
  const rest = percent(share({ ...meta, flops: (1 - padding) * meta.flops }));
  return `${usefulLine(meta)}; without what multiplies zeros of padding ${rest}`;
}

/** Times and matrix products as multiples of maml's. @param {AlgorithmTable} table */
function algorithmRows({ entries }) {
  const [maml] = entries;
  return entries.map(({ name, min, flops, megabytes }) => ({
    algorithm: name,
    "least ms": milliseconds(min),
    "times maml's": Number((min / maml.min).toPrecision(3)),
    "flops, times maml's": flops ? Number((flops / Number(maml.flops)).toPrecision(3)) : "",
    MB: Number(megabytes.toPrecision(3)),
  }));
}

/** @param {Size[]} sizes */
function sizeRows(sizes) {
  return sizes.map(({ what, bytes, gzip, target }) => ({
    what,
    bytes,
    gzip,
    asked: `≤ ${target}`,
    "": verdict(gzip <= target),
  }));
}

/** @param {Results["firstAdapt"]} times */
const firstAdaptLine = ({ minimum, median, processes }) =>
  `Import to first adapted prediction, ${processes} new processes: ${minimum.adapted.toFixed(1)} ms ` +
  `at least, ${median.adapted.toFixed(1)} median (import alone ${median.imported.toFixed(1)})`;

/** All results as text. @param {Results} results */
export function report(results) {
  const {
    machine,
    short,
    gemm,
    convolutions,
    convolutionPeers,
    sinusoid,
    omniglot,
    conv4,
    algorithms,
    sizes,
    firstAdapt,
    skipped,
  } = results;
  const { cpu, cores, node, commit } = machine;
  return [
    `${cpu}, ${cores} cores, Node ${node}, commit ${commit}${short ? ", short form" : ""}`,
    "",
    `Matrix products, rows × in × out; the multiply-add peak of one core: ${rate(gemm.peak)}`,
    table(gemmRows(gemm)),
    "",
    `Convolutions, 64 filters of 3×3, shares of the peak of ${rate(convolutions.peak)}`,
    table(convolutionRows(convolutions)),
    "",
    ...convolutionPeerLines(convolutionPeers),
    "Sinusoid meta-step: 1-40-40-1 ReLU, 25 tasks, 10 + 10 rows, K = 1, order 2",
    table(metaRows(sinusoid)),
    ...verdicts(sinusoid),
    "",
    "Omniglot MLP meta-step: 784-256-128-64-64-5, batch norm, 32 tasks, 5 + 5 rows, K = 1, order 2",
    table(metaRows(omniglot)),
    `With full fast weights, ${usefulLine({ ...omniglot, entries: omniglot.entries.slice(1) })}`,
    "",
    "Conv4 meta-step: 28×28×1, 4 convolutions of 64 filters, stride 2, batch norm, 32 tasks, 5 + 5 rows, K = 1, order 2",
    table(metaRows(conv4)),
    conv4Line(conv4),
    "",
    ...algorithms.flatMap((each) => [`Meta-steps, ${each.name}`, table(algorithmRows(each)), ""]),
    "Sizes in bytes",
    table(sizeRows(sizes)),
    firstAdaptLine(firstAdapt),
    ...skipped.map(({ name, skipped: reason }) => `skipped ${name}: ${reason}`),
  ].join("\n");
}
