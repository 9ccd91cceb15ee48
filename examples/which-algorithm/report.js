import { meanAndInterval } from "./statistics.js";

/**
 * @typedef {import("./main.js").Results} Results
 * @typedef {import("./main.js").SetResults} SetResults
 * @typedef {import("./main.js").Row} Row
 * @typedef {ReturnType<typeof meanAndInterval>} Figure
 *
 * @typedef {object} Summary
 * @property {string} name
 * @property {boolean} learned whether it is more than a baseline
 * @property {Figure[]} errors after 0, 1 and K steps; a baseline has one alone
 * @property {Figure} final the last of them
 * @property {Figure} [overMaml] how much higher than maml's, seed by seed
 * @property {number} [seconds] least over the seeds
 * @property {number} [timesMaml]
 * @property {number} [own]
 * @property {number} [rate]
 * @property {boolean} [atEdge] whether that is the lowest or highest tried, and another might do better
 * @property {number} diverged
 */

/** A set's rows in figures, the lowest error first. @param {SetResults} set @returns {Summary[]} */
export function summaries({ rows }) {
  const maml = rows.find(({ name }) => name === "maml");
  const least = (/** @type {Row} */ { seconds }) => Math.min(...seconds);
  return rows
    .filter(({ errors }) => errors.length > 0)
    .map((row) => {
      const { name, errors, seconds, own, setting, diverged } = row;
      const figures = errors[0].map((_, i) => meanAndInterval(errors.map((each) => each[i])));
      const learned = seconds.length > 0;
      return {
        name,
        learned,
        errors: figures,
        final: figures[figures.length - 1],
        overMaml: maml && maml !== row ? difference(row, maml) : undefined,
        ...(learned && { seconds: least(row), own, rate: setting?.rate, atEdge: atEdge(row) }),
        ...(learned && maml && { timesMaml: least(row) / least(maml) }),
        diverged,
      };
    })
    .sort((a, b) => a.final.mean - b.final.mean);
}

/** @param {Row} row */
function atEdge({ setting, tried = [] }) {
  const rates = tried.map(({ rate }) => rate);
  return setting !== undefined && [Math.min(...rates), Math.max(...rates)].includes(setting.rate);
}

/** Mean over the seeds of error − maml's; undefined where a seed is missing. @param {Row} row @param {Row} maml */
function difference({ errors }, maml) {
  if (errors.length !== maml.errors.length) return undefined;
  const last = (/** @type {number[]} */ each) => each[each.length - 1];
  return meanAndInterval(errors.map((each, seed) => last(each) - last(maml.errors[seed])));
}

/** A number in three digits, without an exponent. */
export const digits = (/** @type {number} */ value) => {
  const places = Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(Math.abs(value) || 1))));
  return value.toFixed(places).replace("-", "−");
};

/** "0.31 ± 0.02", both with as many digits. @param {Figure | undefined} figure */
function written(figure, sign = "") {
  if (!figure) return "";
  const { mean, interval } = figure;
  const text = `${mean > 0 ? sign : ""}${digits(mean)}`;
  return interval === null ? text : `${text} ± ${digits(interval)}`;
}

/** The table as README and docs have it. @param {Results} results */
export function markdown({ sets, seeds, innerSteps, metaBatch, claim }) {
  const parts = sets.map((set) => {
    const { title, about, measure, metaSteps, metaRate, sizes } = set;
    const head = [
      "",
      "before",
      "1 step",
      `${innerSteps} steps`,
      "over maml",
      "rate",
      "train, s",
      "× maml",
      "own",
    ];
    const lines = summaries(set).map((row) => {
      const [before, one] = row.learned ? row.errors : [];
      const name = row.learned ? `\`${row.name}\`` : `*${row.name}*`;
      const cells = [
        row.diverged ? `${name} (${row.diverged} diverged)` : name,
        before ? digits(before.mean) : "",
        one ? digits(one.mean) : "",
        written(row.final),
        written(row.overMaml, "+"),
        row.rate ? `${row.rate}${row.atEdge ? "†" : ""}` : "",
        row.seconds === undefined ? "" : row.seconds.toFixed(1),
        row.timesMaml === undefined ? "" : row.timesMaml.toFixed(1),
        row.own === undefined ? "" : row.own.toLocaleString("en"),
      ];
      return `| ${cells.join(" | ")} |`;
    });
    const settings = `${sizes.join("-")}, ${metaSteps.toLocaleString("en")} meta-steps of ${metaBatch} tasks, Adam from ${metaRate}`;
    return [
      `**${title}**: ${about}; ${measure}. ${settings}.\n`,
      `| ${head.join(" | ")} |`,
      `|---${"|--:".repeat(head.length - 1)}|`,
      ...lines,
    ].join("\n");
  });
  const many = seeds > 1 ? `Mean of ${seeds} seeds ± 95 % interval.` : "One seed.";
  const edge = "† the lowest or highest rate tried: another might do better.";
  return `${claim ? "" : "A short run: it claims nothing.\n\n"}${parts.join("\n\n")}\n\n${many} ${edge}\n`;
}
