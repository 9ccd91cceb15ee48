import { type Omniglot, readSplit } from "../data/omniglot.ts";

/**
 * The two splits of all 1623 characters: background alphabets by name, then evaluation alphabets by
 * name; within an alphabet by number. t is for training, v for validation, e for testing.
 *
 * - `vinyals`: 1028, 172 and 423, whole alphabets to validate with (Vinyals et al. 2016, as published
 *   with Snell et al. 2017, github.com/jakesnell/prototypical-networks, data/omniglot/splits/vinyals);
 * - `random1200`: 1100, 100 and 423 in the manner of Finn et al. 2017, who kept 1200 characters at
 *   random to train, 100 of them to validate. Theirs hung on the order of a folder's listing; this
 *   one is Python's random.Random(1).shuffle of 0 … 1622, cut after 1100 and 1200.
 */
export function omniglotSplits(): Omniglot["splits"] {
  const vinyals = VINYALS.map(([letter, count]) => letter.repeat(count)).join("");
  return { vinyals: readSplit(vinyals), random1200: readSplit(RANDOM_1200.join("")) };
}

const VINYALS: readonly [letter: string, count: number][] = [
  ["t", 75],
  ["v", 41],
  ["t", 64],
  ["v", 46],
  ["t", 107],
  ["v", 22],
  ["t", 141],
  ["v", 22],
  ["t", 221],
  ["v", 41],
  ["t", 420],
  ["e", 423],
];

const RANDOM_1200 = [
  "ttteettttttetttvteetvevttetttetttteeeevttveteettevttetteteeeetettvetttetettteett",
  "eeetvttttetttetttetvttttttttttttttetttttettttttveetetettttttttetevttvetttvttevtt",
  "tttttteettettetttettttvetvtevtttettttetttteteevtteettettttvteeetetttetttteeeettt",
  "tetttttetttttttteevtttttettettttetteeetttttvtttttvvttttttttetettttvttttttttvtttt",
  "tetveeetettetttettttteeteeteettevtetttttttevvttvttettttettetetvteettettttttttett",
  "ttttttteeeeetttttttteetvtetteettttetetttettetettetvettetteettettevttetetettetevt",
  "eettttttttetttettetvtvtvetvtttteettteveettetttttveetttttttttttttteeteteettttttet",
  "tttttttettttttteettttettttttttttteevettttveeteeetteevtttttttvetttvtevetetttettet",
  "tettettvveetttveeetettttttetttvetttttteteettvtttttttteetetetttteeeteetettttttttt",
  "tttettvtetettttvttettttttteetttetettttettttttttetttttteteeetettttetttttettttttev",
  "tettteetetvttevtettttvvettteetttetttttttttttttetetttevttttttttetettttttteettttte",
  "vtttetettttettttetevttttttttttttetvttetteetetttevttetettteeteetetttttttttttttttt",
  "eetttttettetttttettttttetetttttteevvttteteetttttetvttteeettttteetevtettteeetette",
  "teetettttettevtttettttetttetttttetttttttetvtttttttetttetttttvvetteeteetettvetvtt",
  "teeevteeetttettetttetttttttteettteteettettttteteetttttetvttettteevtetvttttttettt",
  "tetettetteeetvetvttvvetttttteetttettetttetttettettttteetettetettvttttettttteetee",
  "tetvttttetteetttttttvettttvttttttttettettttteeveevetttetttttttetevvttteeetvevtte",
  "tettttttttteetttttetteetttetetetvtvetetttttttetettttttettttetttttettttetetttttte",
  "eeetttetteeettttetttttettetttttetttetettvtetttetttttttettteteetttttttteetttttttt",
  "tetetttttttttvtettttttettettttttvtttttettetteevttttetttvttttettettttvttteettteee",
  "ttttteettttttttettetett",
];
