import { spawn } from "node:child_process";

/** How long any one runtime may take, in milliseconds: the slowest needs a tenth of it on an idle machine. */
export const TIMEOUT = 600_000;

/** Groups that would outlive this process. @type {Set<number>} */
const groups = new Set();
const kill = (/** @type {number} */ group) => process.kill(-group, "SIGKILL");
process.on("exit", () => groups.forEach(kill));

/**
 * Starts a command in a group of its own, so that it can be ended with all that it started.
 *
 * @param {string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function start([program, ...rest], { cwd, env } = {}) {
  const child = spawn(program, rest, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (text.stderr += chunk));
  if (child.pid) groups.add(child.pid);
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  /** @returns {Promise<never>} */
  const unexpectedEnd = async () => {
    const code = await ended;
    const said = `${text.stdout}${text.stderr}`.trim().split("\n").slice(-5).join("\n");
    throw new Error(`${program}: expected no end, got exit code ${code}\n${said}`);
  };
  const end = async () => {
    if (child.pid && child.exitCode === null && child.signalCode === null) kill(child.pid);
    if (child.pid) groups.delete(child.pid);
    await ended.catch(() => {});
  };
  return { text, ended, unexpectedEnd, end };
}

/**
 * A command's standard output.
 *
 * @param {string[]} command
 * @param {Parameters<typeof start>[1] & { timeout?: number }} [options] timeout in milliseconds
 */
export async function run(command, options) {
  const { text, ended, end } = start(command, options);
  try {
    const code = await within(options?.timeout, ended);
    if (code === 0) return text.stdout;
    const said = text.stderr.trim() || text.stdout.trim();
    throw new Error(`${command.join(" ")}: expected exit code 0, got ${code}\n${said}`);
  } finally {
    await end();
  }
}

/** @template T @param {number | undefined} milliseconds @param {Promise<T>} promise @returns {Promise<T>} */
export async function within(milliseconds, promise) {
  if (milliseconds === undefined) return promise;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`expected an end within ${milliseconds / 1000} s`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
