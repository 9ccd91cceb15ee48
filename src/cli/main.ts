#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { adaptCommand } from "./command-adapt.ts";
import { compareCommand } from "./command-compare.ts";
import { demoCommand } from "./command-demo.ts";
import { evaluateCommand } from "./command-evaluate.ts";
import { infoCommand } from "./command-info.ts";
import { predictCommand } from "./command-predict.ts";
import { trainCommand } from "./command-train.ts";
import { exitCode, explain } from "./errors.ts";

const commands = [
  trainCommand,
  compareCommand,
  evaluateCommand,
  adaptCommand,
  predictCommand,
  infoCommand,
  demoCommand,
];

function version(): string {
  // From dist/, where the build puts it.
  const about = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(about) as { version: string }).version;
}

const program = new Command("rvml")
  .description(
    "Learn from many related groups of rows how to learn a new group from its first few rows, or from many classes of images how to learn new ones from a few of each.",
  )
  .version(version())
  .addHelpText(
    "after",
    "\nExit codes: 0 all done, 1 failure (a file, the data, the run), 2 wrong use of the command line, 130 stopped by Ctrl-C, a signal or a closed terminal.",
  )
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ outputError() {} }); // printed below, in one place and one form
for (const command of commands) program.addCommand(command().copyInheritedSettings(program));

// `rvml train … | head` closes the pipe when it has enough, and a closed terminal takes nothing any more (EIO): nobody reads on, and the
// model is written all the same.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
  const line = explain(error);
  if (process.exitCode !== 0 && line) process.stderr.write(`rvml: ${line}\n`);
}
