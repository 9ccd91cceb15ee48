import { refuseKind } from "../check.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { nodeModule, type NodeWorker, type ThreadMaker, workerOptions } from "./node.ts";

/** A worker of the web or of node:worker_threads. */
export type AnyWorker = Worker | NodeWorker;

/** Milliseconds in which a worker has to be ready. */
const MOST_STARTING = 30_000;

/** What happens to a worker. */
export interface Events {
  message(message: FromWorker): void;
  /** It ended, went on without having caught an error, or is not ready in time; perhaps more than once. */
  died(cause: unknown): void;
}

/** A worker, whichever kind it is of. */
export class Channel {
  private readonly worker: AnyWorker;
  /** Runs out where a worker's file never serves: such a worker says nothing at all. */
  private readonly late: ReturnType<typeof setTimeout>;

  constructor(worker: AnyWorker, { message, died }: Events) {
    this.worker = worker;
    this.late = setTimeout(
      () => died(`one that is not ready after ${MOST_STARTING / 1000} s`),
      MOST_STARTING,
    );
    const heard = (told: FromWorker) => {
      if (told?.kind === "ready") clearTimeout(this.late);
      message(told);
    };
    if ("on" in worker) {
      worker.on("message", heard);
      worker.on("error", died);
      worker.on("messageerror", died);
      worker.on("exit", (code: number) => died(`exit code ${code}`));
      return;
    }
    worker.addEventListener("message", ({ data }) => heard(data as FromWorker));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      died(event.message ?? "an error");
    });
    worker.addEventListener("messageerror", () => died("a message that cannot be read"));
  }

  post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  /** Whether the process is to wait for it. */
  hold(wanted: boolean): void {
    if (!("ref" in this.worker)) return;
    if (wanted) this.worker.ref();
    else this.worker.unref();
  }

  async terminate(): Promise<void> {
    clearTimeout(this.late);
    await this.worker.terminate();
  }
}

/**
 * A worker that `make` starts, if it is given, or else one of this library's own; undefined where there are no workers, or none may be
 * started.
 *
 * @throws {TypeError} `createPool: expected a worker of the option worker, got undefined`
 */
export async function workerOf(
  where: string,
  make: (() => AnyWorker) | undefined,
): Promise<AnyWorker | undefined> {
  if (!make) return startWorker();
  const made = make();
  if (!isWorker(made)) refuseKind(where, "a worker of the option worker", made);
  return made;
}

/** By what it can do: each runtime has a class of its own. */
function isWorker(value: AnyWorker): boolean {
  const { postMessage, terminate, on, addEventListener } = (value ?? {}) as NodeWorker & Worker;
  const hears = typeof on === "function" || typeof addEventListener === "function";
  return hears && typeof postMessage === "function" && typeof terminate === "function";
}

/** A worker of this library, of Node's kind where there is that. */
async function startWorker(): Promise<AnyWorker | undefined> {
  const threads = await nodeModule("worker_threads");
  // Said in a way that bundlers do not look into: for them the file has its name further down.
  const [file, base] = ["./worker.js", import.meta.url];
  try {
    if (threads) return startThread(threads.Worker, new URL(file, base));
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch {
    return undefined;
  }
}

/** With the process's flags, or, where some of them are not for a thread, without any. */
function startThread(Thread: ThreadMaker, file: URL): NodeWorker {
  try {
    return new Thread(file, workerOptions());
  } catch {
    return new Thread(file, { execArgv: [] });
  }
}
