/**
 * What the harness hands over, in a file of this name: the one way in that every runtime and bundler has. Here, nothing.
 *
 * @type {Input}
 */
export const input = {};

/**
 * @typedef {object} Input
 * @property {string} [digits] base64: 64 pixels and the label of each digit, a byte each
 * @property {Record<string, string>} [files] base64: of each problem, the learner that another runtime saved
 */
