import { batchNorm, episodes, mlp } from "rvml";

/**
 * Finn et al. 2017's Omniglot: the network without convolutions, and the tasks.
 *
 * @import { BatchNormOptions, EpisodesOptions, Omniglot } from "rvml"
 */

export const WAYS = 5;
export const TEST_TASKS = 600;
export const SIZES = [784, 256, 128, 64, 64, WAYS];

/** As in the authors' code: a shift, which does not adapt, and no scale. @param {BatchNormOptions} [changes] */
export const norm = (changes) =>
  batchNorm({ scale: false, adapted: false, epsilon: 1e-3, ...changes });

/** Their network without convolutions. @param {BatchNormOptions} [changes] in its norms */
export const perceptron = (changes) =>
  mlp({ sizes: SIZES, norm: norm(changes), initialization: "truncatedNormal" });

/**
 * Tasks of a part of the characters, each class turned at random.
 *
 * @param {Omniglot} images
 * @param {"train" | "validation" | "test"} part
 * @param {Pick<EpisodesOptions, "shots" | "queryShots">} shots
 */
export const tasksOf = (images, part, shots) =>
  episodes(images, {
    ways: WAYS,
    classes: images.splits.random1200[part],
    rotations: "perTask",
    ...shots,
  });
