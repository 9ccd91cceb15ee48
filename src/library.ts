export type { Mean } from "./accumulate.ts";
export type { Algorithm, Binding, BoundAlgorithm } from "./algorithms/algorithm.ts";
export { alfa } from "./algorithms/alfa.ts";
export { anil, boil } from "./algorithms/anil.ts";
export { cavia } from "./algorithms/cavia.ts";
export { implicitMaml, type ImplicitMamlOptions } from "./algorithms/implicit-maml.ts";
export { innerAdam, type InnerAdamOptions } from "./algorithms/inner-adam.ts";
export type { InnerLoopOptions, Order } from "./algorithms/inner-loop-options.ts";
export { innerMomentum, type InnerMomentumOptions } from "./algorithms/inner-momentum.ts";
export type { FastWeights } from "./algorithms/low-rank.ts";
export { maml, type MamlOptions } from "./algorithms/maml.ts";
export { mamlPlusPlus, type MamlPlusPlusOptions } from "./algorithms/maml-plus-plus.ts";
export { learnedOptimizer, type LearnedOptimizerOptions } from "./algorithms/learned-optimizer.ts";
export { metaCurvature } from "./algorithms/meta-curvature.ts";
export { metaSgd, type MetaSgdOptions } from "./algorithms/meta-sgd.ts";
export { multiTask, type MultiTaskOptions } from "./algorithms/multi-task.ts";
export { pretrain, type PretrainOptions } from "./algorithms/pretrain.ts";
export { protoMaml, prototypical } from "./algorithms/proto-maml.ts";
export { reptile, type ReptileOptions } from "./algorithms/reptile.ts";
export { tNet } from "./algorithms/t-net.ts";
export { warpGrad } from "./algorithms/warp-grad.ts";
export type { WarpOptions } from "./algorithms/warp-layers.ts";
export { type NearestNeighbor, nearestNeighbor } from "./baselines/nearest-neighbor.ts";
export type { LoadLearner } from "./checkpoint.ts";
export type { CreateLearner } from "./create-learner.ts";
export type { DetectOptions } from "./change-detector.ts";
export { conv4, type Conv4Options } from "./conv4.ts";
export {
  byteImages,
  dataset,
  type Dataset,
  type NamedDataset,
  packedImages,
} from "./data/dataset.ts";
export { type Omniglot, type OmniglotCharacter, readOmniglot } from "./data/omniglot.ts";
export { rotated, rotatedClasses } from "./data/rotated.ts";
export type { Parts, Split } from "./data/split.ts";
export {
  type InputEncoding,
  type Standardization,
  standardization,
  type StandardizationData,
} from "./data/standardization.ts";
export { type Column, type Table, table, tableFromRows } from "./data/table.ts";
export { evaluate, type EvaluateOptions, type Evaluation, type Judgement } from "./evaluate.ts";
export {
  followTheMetaLeader,
  type FollowOptions,
  type FollowReport,
} from "./follow-the-meta-leader.ts";
export { freezeNorms } from "./freeze-norms.ts";
export { type GradCheck, type GradCheckOptions, metaGradCheck } from "./grad-check.ts";
export type { Initialization } from "./initialization.ts";
export { DivergedError, type DivergencePolicy } from "./guard.ts";
export type { Adapted } from "./adapter.ts";
export type { Learner, MetaGradient } from "./learner.ts";
export type { LearnerOptions } from "./learner-options.ts";
export { binaryCrossEntropy, crossEntropy, type Loss, meanSquaredError } from "./loss.ts";
export { mlp } from "./mlp.ts";
export { activation, type ActivationName } from "./layers/activation.ts";
export { batchNorm, type BatchNormOptions } from "./layers/batch-norm.ts";
export { context } from "./layers/context.ts";
export { conv2d, type Conv2dOptions } from "./layers/conv2d.ts";
export { dense } from "./layers/dense.ts";
export { flatten } from "./layers/flatten.ts";
export type { Layer, TensorSpec } from "./layers/layer.ts";
export { frozenNorm, type FrozenNormOptions } from "./layers/frozen-norm.ts";
export { groupNorm, type GroupNormOptions } from "./layers/group-norm.ts";
export { layerNorm } from "./layers/layer-norm.ts";
export type { NormOptions } from "./layers/norm.ts";
export { averagePool, globalAveragePool, maxPool, type PoolOptions } from "./layers/pool.ts";
export type { Extent } from "./layers/window.ts";
export type { MemoryPart } from "./memory.ts";
export { type Model, sequential } from "./model.ts";
export type { Observation, OnlineModel, OnlineOptions } from "./online.ts";
export { adam, type AdamOptions } from "./optimizers/adam.ts";
export { clipNorm } from "./optimizers/clip-norm.ts";
export type { BoundOptimizer, Optimizer } from "./optimizers/optimizer.ts";
export {
  cosine,
  type FadeOptions,
  type LearningRate,
  linear,
  type Schedule,
} from "./optimizers/schedule.ts";
export { sgd } from "./optimizers/sgd.ts";
export { Random, type RandomState } from "./random.ts";
export type { InitialRate } from "./rules/per-parameter-rates.ts";
export type { Shape } from "./shape.ts";
export type { Batch, Task, TaskDistribution } from "./task.ts";
export {
  type Episodes,
  episodes,
  type EpisodesOptions,
  type EpisodeTask,
  splitClasses,
} from "./tasks/episodes.ts";
export { type GroupDistribution, type Groups, groups, type GroupsOptions } from "./tasks/groups.ts";
export {
  type Range,
  sinusoids,
  type Sinusoids,
  type SinusoidsOptions,
  type SinusoidTask,
} from "./tasks/sinusoids.ts";
export { type MetaStepper, metaTrain, type TrainOptions, type TrainReport } from "./train.ts";
