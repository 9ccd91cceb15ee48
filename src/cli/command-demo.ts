import { Command } from "commander";
import { demo, type DemoOptions } from "./demo.ts";
import { checkWritable } from "./files.ts";
import { whole } from "./options.ts";

export const demoCommand = (): Command =>
  new Command("demo")
    .description(
      "watch a network learn to learn, from a real table and from sine waves; under a minute",
    )
    .option("--report <file>", "where the report goes", "report.html")
    .option("--seed <n>", "decides everything that is drawn", whole(0), 1)
    .option("--json", "print JSON lines for machines")
    .action(async (options: DemoOptions) => {
      checkWritable("--report", options.report);
      await demo(options);
    });
