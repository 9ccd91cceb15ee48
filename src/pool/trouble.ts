import { DivergedError } from "../guard.ts";
import type { Trouble } from "./messages.ts";

const classes = { Error, RangeError, TypeError, SyntaxError, ReferenceError };

/** An error, to be sent. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), step: undefined };
  const step = error instanceof DivergedError ? error.step : undefined;
  return { name: error.name, message: error.message, step };
}

/** That error, of its own class. */
export function errorOf({ name, message, step }: Trouble): Error {
  if (step !== undefined) return new DivergedError(message, step);
  return new (classes[name as keyof typeof classes] ?? Error)(message);
}
