import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { newCurve } from "./curve.ts";
import { readSheet } from "./csv.ts";
import { checkWritable } from "./files.ts";
import { whole } from "./options.ts";
import type { ReportPart } from "./report-data.ts";
import { newLearner } from "./new-learner.ts";
import { complete, type Settings, sinusoidDefaults, tableDefaults } from "./settings.ts";
import { showTrial, writeReport } from "./show.ts";
import { sinusoidSource } from "./sinusoid-source.ts";
import type { Source } from "./source.ts";
import { tableSource } from "./table-source.ts";
import { runTraining } from "./training.ts";
import { trial } from "./trial.ts";

interface DemoOptions {
  readonly report: string;
  readonly seed: number;
  readonly json?: boolean;
}

export const demoCommand = (): Command =>
  new Command("demo")
    .description(
      "watch a network learn to learn, from a real table and from sine waves; under a minute",
    )
    .option("--report <file>", "where the report goes", "report.html")
    .option("--seed <n>", "decides everything that is drawn", whole(0), 1)
    .option("--json", "print JSON lines for machines")
    .action(async (options: DemoOptions) => {
      checkWritable("--report", options.report, []);
      await demo(options);
    });

const countries = complete(tableDefaults, {});
const waves = complete(sinusoidDefaults, {});

const countryWords = {
  title: "Life expectancy of a country, from three of its years",
  unit: "years",
  lead:
    "Life expectancy in 62 countries, every five years from 1955 to 2005. The network learned from 42 countries how to learn a new one " +
    "from 3 of its 11 years; the other 20 it never saw. The figures are about those 20: the 8 years that it was not told. " +
    "Data: free material from gapminder.org, Gapminder Foundation, CC BY 4.0.",
};

const welcome = `
rvml learns to learn. It does not fit one big problem, but looks for a start from which
any one of many small problems is learned in a few steps, from a few rows. Two examples:

1. Life expectancy in 62 countries, every five years from 1955 to 2005.
   Training sees 42 countries. Then it meets 20 new ones, is told 3 of their 11 years,
   and has to say the other 8. (Data: Gapminder Foundation, CC BY 4.0.)
`;

const waveWelcome = `
2. Sine waves, each of its own height and shift.
   Training sees ${(waves.steps * waves.metaBatch).toLocaleString("en")} of them, then has to find each of 200 new ones from ${waves.shots} points.
`;

/** `npm start`: one real table, one classic; a progress bar, a result table and a report. */
async function demo({ report, seed, json = false }: DemoOptions): Promise<void> {
  const say = (text: string) => void (json || console.log(text));
  say(welcome);
  const first = await act(gapminder(seed), { ...countries, seed }, json);
  say(waveWelcome);
  const second = await act(sinusoidSource({ ...waves, seed }), { ...waves, seed }, json);
  await writeReport(report, [first, second], json);
  say("\nTry it on a table of yours: npx rvml train --help");
}

function gapminder(seed: number): Source {
  const path = fileURLToPath(new URL("../examples/data/gapminder.csv", import.meta.url));
  const roles = { group: "country", inputs: ["year"], target: "life_expect" };
  const columns = { ...roles, categorical: [], unknown: "throw", dropSmall: false } as const;
  const { shots } = countries;
  const source = tableSource(readSheet(path), columns, { test: 20 }, { shots, seed });
  return { ...source, words: { ...source.words, ...countryWords } };
}

async function act(source: Source, settings: Settings, json: boolean): Promise<ReportPart> {
  const learner = await newLearner(settings, source);
  const { steps, metaBatch } = settings;
  const curve = newCurve(steps);
  const { train } = source;
  await runTraining({ learner, train, steps, metaBatch, curve, label: "meta-training", json });
  const { outcome, part } = await trial(learner, source, settings, curve, json);
  showTrial(outcome, part, json);
  return part;
}
