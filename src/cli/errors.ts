/** A mistake on the command line: exit code 2. */
export class UsageError extends Error {}

/** Something expected that went wrong with a file, the data or the run: exit code 1. */
export class Failure extends Error {}

/** Ctrl-C, after the checkpoint is written: exit code 130, as shells count it (128 + SIGINT). */
export class Interrupted extends Error {}

/** The value that `make` gives; what the library refuses there came from an option, so it is a usage error. */
export function fromOptions<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw isRefusal(error) ? new UsageError(error.message) : error;
  }
}

/** The same for what came out of a file: `table.csv: inputs: expected …`. */
export function fromFile<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw isRefusal(error) ? new Failure(`${path}: ${error.message}`) : error;
  }
}

export const raise = (error: unknown): never => {
  throw error;
};

/** `name: expected WHAT, got VALUE`: the form of every error of the library. */
function isRefusal(error: unknown): error is Error {
  return (
    (error instanceof RangeError || error instanceof TypeError) && /expected/.test(error.message)
  );
}

/** One line for people. A bug keeps its stack for RVML_DEBUG. Empty where the help text has said it all. */
export function explain(error: unknown): string {
  if (isCommanders(error) && /help/i.test(String((error as { code?: unknown }).code))) return "";
  if (process.env.RVML_DEBUG && error instanceof Error && error.stack) return error.stack;
  return oneLine(error);
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = error.message
    .replace(/^error: /, "")
    .replace(/^(?:option|command-argument) '.*?(--[\w-]+).*?' argument '.*' is invalid\. /s, "$1: ")
    .replace(/\s*\n\s*/g, " ");
  return isExpected(error) ? line : `unexpected ${error.name}: ${line} (set RVML_DEBUG=1 for more)`;
}

function isExpected(error: Error): boolean {
  const ours = [UsageError, Failure, Interrupted].some((kind) => error instanceof kind);
  return ours || isRefusal(error) || isCommanders(error);
}

const isCommanders = (error: unknown): boolean =>
  String((error as { code?: unknown }).code).startsWith("commander.");

/** 0 is kept for a run that did all it was asked. */
export function exitCode(error: unknown): 0 | 1 | 2 | 130 {
  if (error instanceof Interrupted) return 130;
  if (isCommanders(error)) return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  return error instanceof UsageError ? 2 : 1;
}
