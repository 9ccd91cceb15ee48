import { rowOf } from "./algorithms.ts";
import { count } from "./print.ts";
import { optionName } from "./options.ts";
import { ownNames } from "./own-options.ts";
import { type ImageSettings, isOfImages, type Settings } from "./settings.ts";

/** Said wherever such a model is made or used. */
export const transductive = (settings: Settings): string =>
  isOfImages(settings)
    ? "Batch norm: what an image is taken for depends on the images that are judged together with it (transductive)."
    : "Batch norm: a row's prediction depends on the rows predicted together with it; a row on its own gets the same prediction whatever its inputs.";

const normWords: Record<Settings["norm"], string> = {
  none: "",
  batch: ", batch norm",
  support: ", batch norm by the images adapted on",
  layer: ", layer norm",
};

/** For the screen and the report. */
export function describe(settings: Settings): [name: string, value: string][] {
  const { seed, norm } = settings;
  const own = ownWords(settings);
  return [
    ["algorithm", algorithmWords(settings)],
    ...(own ? [["options", own] as [string, string]] : []),
    ["adapting", adaptingWords(settings)],
    ...(isOfImages(settings) ? [["images", pixelWords(settings)] as [string, string]] : []),
    ["network", networkWords(settings)],
    ["meta-training", trainingWords(settings)],
    ["seed", String(seed)],
    ...(norm === "batch" ? [["note", transductive(settings)] as [string, string]] : []),
  ];
}

/** "MAML, second order" */
export function algorithmWords({ algorithm, order }: Settings): string {
  const { label, own } = rowOf(algorithm);
  if (own.order === undefined || order === undefined) return label;
  const word = typeof order === "number" ? `${["first", "second"][order - 1]} order` : "";
  return `${label}, ${word || `orders ${order}`}`;
}

/** "5 steps at rate 0.05 on 3 rows" */
export function adaptingWords(settings: Settings): string {
  const { innerSteps, innerRate, shots } = settings;
  const rate = innerRate === undefined ? "" : ` at rate ${innerRate}`;
  const rows = isOfImages(settings)
    ? `${count(shots, "image")} of each of ${settings.ways} classes`
    : count(shots, "row");
  const steps = rowOf(settings.algorithm).stepless ? "no steps" : count(innerSteps, "step");
  return `${steps}${rate} on ${rows}`;
}

export function networkWords({ network, filters, hidden, activation, norm }: Settings): string {
  const layers =
    network === "conv4"
      ? `conv4: four convolutions of ${count(filters!, "filter")}, relu`
      : `${hidden.join("-") || "no"} hidden, ${activation}`;
  return `${layers}${normWords[norm]}`;
}

export function trainingWords(settings: Settings): string {
  const { steps, metaBatch, metaRate } = settings;
  const rate = `Adam, rate ${metaRate} falling to ${Number((metaRate / 20).toPrecision(6))}`;
  const judged = isOfImages(settings)
    ? `, each judged by ${count(settings.queryShots, "image")} a class${settings.rotations === "perTask" ? ", classes turned at random" : ""}`
    : "";
  return `${steps} steps of ${metaBatch} tasks${judged}, ${rate}`;
}

/** "28×28 pixels, grey, inverted" */
export const pixelWords = ({ size, channels, invert }: ImageSettings): string =>
  `${size}×${size} pixels, ${channels === 1 ? "grey" : "color"}${invert ? ", inverted" : ""}`;

/** "--cg-steps 10 --lambda 1": what is its own, as it would be given. */
export function ownWords(settings: Settings): string {
  const { own } = rowOf(settings.algorithm);
  const said = ownNames.filter((name) => name in own && name !== "order" && settings[name]);
  return said.map((name) => `${optionName(name)} ${written(settings[name])}`).join(" ");
}

const written = (value: unknown): string => {
  if (typeof value === "object") return Object.values(value as object).join(",");
  return value === true ? "yes" : String(value);
};
