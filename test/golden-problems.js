// The problems behind golden.json. Nothing here is one runtime's own: test/runtimes runs them wherever JavaScript runs.

/** @typedef {typeof import("../src/index.ts")} Library */
/** @typedef {import("../src/index.ts").Layer} Layer */

/**
 * SHA-256 of metaParameters after each problem's meta-steps, 100 where it says nothing else.
 *
 * @param {Library} library
 * @param {WebAssembly.Module} [core]
 * @returns {Promise<Record<string, string>>}
 */
export async function goldenHashes(library, core) {
  /** @type {Record<string, string>} */
  const hashes = {};
  for (const [name, { options, source, ...train }] of Object.entries(problems(library))) {
    const learner = await library.createLearner({ ...options, seed: 42, ...(core && { core }) });
    const run = library.metaTrain(learner, source, { steps: 100, ...train });
    while (!(await run.next()).done);
    hashes[name] = await sha256(learner.metaParameters);
  }
  return hashes;
}

/**
 * @typedef {object} Problem
 * @property {Omit<import("../src/index.ts").LearnerOptions, "seed">} options
 * @property {import("../src/index.ts").TaskDistribution} source
 * @property {number} metaBatchSize
 * @property {number} [steps] fewer than 100 of what is larger
 */

/** @param {Library} library @returns {Record<string, Problem>} */
export function problems(library) {
  const { adam, clipNorm, cosine, crossEntropy, maml, meanSquaredError, mlp, sinusoids } = library;
  return {
    "sinusoids, ReLU": {
      options: {
        model: mlp({ sizes: [1, 40, 40, 1], initialization: "uniform" }),
        loss: meanSquaredError(),
        algorithm: maml({ innerLearningRate: 0.01 }),
        metaOptimizer: adam({ learningRate: 0.001 }),
      },
      source: sinusoids(),
      metaBatchSize: 25,
    },
    "8 ways, batch norm, tanh": {
      options: {
        model: mlp({ sizes: [5, 19, 13, 8], activation: "tanh", norm: "batch" }),
        loss: crossEntropy(),
        algorithm: maml({ innerLearningRate: 0.3, innerSteps: 2 }),
        metaOptimizer: clipNorm(adam({ learningRate: cosine({ from: 0.01, steps: 120 }) }), 1),
      },
      source: clusters(8, 3),
      metaBatchSize: 4,
    },
    ...Object.fromEntries(
      ownArithmetic(library).map((algorithm) => [algorithm.kind, few(library, algorithm)]),
    ),
    ...ofImages(library),
    ...ofManyWeights(library),
  };
}

/** Algorithms that compute more than passes and sums. @param {Library} library */
function ownArithmetic({ alfa, anil, innerAdam, learnedOptimizer, metaCurvature, protoMaml }) {
  const inner = { innerLearningRate: 0.1, innerSteps: 2 };
  return [
    alfa(inner),
    anil(inner),
    innerAdam({ ...inner, innerLearningRate: 0.01, epsilon: 1e-4 }),
    learnedOptimizer({ innerSteps: 6, unroll: 4, hiddenSize: 5, order: 2, learnStart: true }),
    metaCurvature(inner),
    protoMaml(inner),
  ];
}

/** @param {Library} library @param {import("../src/index.ts").Algorithm} algorithm */
function few({ adam, crossEntropy, mlp }, algorithm) {
  return {
    options: {
      model: mlp({ sizes: [5, 9, 4], activation: "tanh" }),
      loss: crossEntropy(),
      algorithm,
      metaOptimizer: adam({ learningRate: 0.01 }),
    },
    source: clusters(4, 2),
    metaBatchSize: 3,
  };
}

/** Each layer of images, on 8×8 of two channels; filters that leave a rest in every block. @param {Library} library */
function ofImages(library) {
  const { activation, averagePool, batchNorm, conv2d, dense, flatten } = library;
  const { globalAveragePool, groupNorm, layerNorm, maxPool } = library;
  /** @param {number} filters @param {number} stride */
  const conv = (filters, stride) =>
    conv2d({ inShape: [8, 8, 2], filters, kernel: 3, stride, padding: "same" });
  /** @param {number} filters @param {number} stride */
  const inner = (filters, stride) => conv2d({ filters, kernel: 3, stride, padding: 1 });
  const [relu, tanh, mean] = [activation("relu"), activation("tanh"), globalAveragePool()];
  const head = dense({ outSize: 3 });
  /** @param {Layer} norm */
  const strided = (norm) => [conv(6, 2), norm, relu, inner(5, 2), norm, relu, mean, head];
  /** @param {Layer} convolution @param {number} groups */
  const pooled = (convolution, groups) => [
    convolution,
    groupNorm({ groups }),
    relu,
    maxPool({ kernel: 2 }),
  ];
  const average = averagePool({ kernel: 3, stride: 2, padding: 1 });
  const layers = {
    "convolutions of stride 2, batch norm, global average pool": strided(batchNorm()),
    "batch norm by the support set": strided(batchNorm({ statistics: "support" })),
    "group norm, max pool, flatten": [
      ...pooled(conv(6, 1), 3),
      ...pooled(inner(10, 1), 2),
      flatten(),
      head,
    ],
    "layer norm, average pool": [conv(7, 1), layerNorm(), tanh, average, flatten(), head],
  };
  return Object.fromEntries(
    Object.entries(layers).map(([name, each]) => [name, ofLayers(library, each)]),
  );
}

/** @param {Library} library @param {readonly Layer[]} layers on images */
function ofLayers({ adam, crossEntropy, maml, sequential }, layers) {
  return {
    options: {
      model: sequential(layers),
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.1, innerSteps: 2 }),
      metaOptimizer: adam({ learningRate: 0.01 }),
    },
    source: clusters(3, 2, 8 * 8 * 2),
    metaBatchSize: 3,
    steps: 40,
  };
}

/** As many weights as maml keeps in low rank of itself, and the same in full. @param {Library} library */
function ofManyWeights({ activation, adam, batchNorm, crossEntropy, dense, maml, sequential }) {
  const [first, last] = [dense({ inSize: 50, outSize: 250 }), dense({ outSize: 5 })];
  const [norm, relu] = [batchNorm({ adapted: false }), activation("relu")];
  const problem = {
    options: {
      model: sequential([first, norm, relu, dense({ outSize: 210 }), norm, relu, last]),
      loss: crossEntropy(),
      metaOptimizer: adam({ learningRate: 0.001 }),
    },
    source: clusters(5, 1, 50),
    metaBatchSize: 5,
    steps: 20,
  };
  /** @param {import("../src/index.ts").FastWeights} [fastWeights] */
  const kept = (fastWeights) => ({
    ...problem,
    options: {
      ...problem.options,
      algorithm: maml({ innerLearningRate: 0.1, innerSteps: 2, fastWeights }),
    },
  });
  return { "fast weights of low rank": kept(), "fast weights in full": kept("full") };
}

/**
 * Clouds of points about random centers, one a class.
 *
 * @param {number} ways
 * @param {number} shots
 */
function clusters(ways, shots, inSize = 5) {
  return {
    inSize,
    targetSize: 1,
    /** @param {import("../src/index.ts").Random} random */
    sample(random) {
      const centers = Float32Array.from({ length: ways * inSize }, () => random.normal());
      const batch = () => ({
        inputs: Float32Array.from(
          { length: shots * centers.length },
          (_, i) => centers[i % centers.length] + 0.3 * random.normal(),
        ),
        targets: Float32Array.from({ length: shots * ways }, (_, row) => row % ways),
        rows: shots * ways,
      });
      return { support: batch(), query: batch() };
    },
  };
}

/**
 * SHA-256, in hexadecimal. Of values, the bytes are taken as little-endian, whatever the machine is.
 *
 * @param {Float32Array | Uint8Array} values
 */
export async function sha256(values) {
  const digest = await crypto.subtle.digest("SHA-256", littleEndian(values));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Float32Array | Uint8Array} values */
function littleEndian(values) {
  if (values instanceof Uint8Array) return Uint8Array.from(values);
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return view;
}
