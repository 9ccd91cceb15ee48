import { join } from "node:path";
import { program } from "./tools.js";
import { run, TIMEOUT } from "./run.js";

/**
 * A program with a console: it runs the script, of which the last line is the proof.
 *
 * @param {string} path in the tools' node_modules
 * @param {string[]} args before the script's path
 * @param {string[]} conditions
 * @returns {import("./runtimes.js").Runtime}
 */
export const inProgram = (path, args, conditions) => ({
  conditions,
  version: () => run([program(path), "--version"]),
  async prove({ folder, script }) {
    const command = [program(path), ...args, join(script, "stdout.js")];
    const env = { DENO_NO_UPDATE_CHECK: "1" };
    const lines = await run(command, { cwd: folder, env, timeout: TIMEOUT });
    return JSON.parse(lines.trim().split("\n").at(-1) ?? "");
  },
});
