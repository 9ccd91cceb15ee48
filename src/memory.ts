import type { CoreExports } from "./core.ts";
import { refuse } from "./check.ts";

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;
/** Runs start on a cache line. */
const ALIGNMENT = 64;
/** The core may read, not write, up to 12 bytes behind a run. */
const SLACK_BYTES = 64;

/** What memory is for. */
export type MemoryPart =
  | "core"
  | "metaParameters"
  | "metaGradient"
  | "metaOptimizer"
  | "path"
  | "tapes"
  | "blocks"
  | "workspace";

/**
 * The linear memory of one learner: runs of f32 one behind the other, given out while the learner is built and never again. There is
 * nothing to free: the garbage collector takes the whole.
 */
export class Memory {
  readonly core: CoreExports;
  private end: number;
  /** What it is for good, once nothing is given out any more: to ask the core takes 15 ns, and a task asks six times. */
  private sealed: ArrayBuffer | undefined;
  private readonly parts = new Map<MemoryPart, number>();

  constructor(core: CoreExports) {
    this.core = core;
    this.end = core.heapBase() >>> 0;
    this.parts.set("core", this.end);
  }

  /**
   * Byte offset of a new run of zeros.
   *
   * @throws {RangeError} `createLearner: expected at most 4294967296 bytes of memory, got …`
   */
  allocate(floats: number, part: MemoryPart = "workspace"): number {
    if (this.sealed) throw new Error("memory: expected no allocation after createLearner");
    const start = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    const end = start + floats * Float32Array.BYTES_PER_ELEMENT;
    this.reserve(end + SLACK_BYTES);
    this.parts.set(part, (this.parts.get(part) ?? 0) + end - this.end);
    this.end = end;
    return start;
  }

  /** Ends the building: from here on the buffer, and with it every view, stays what it is. */
  seal(): void {
    this.sealed = this.core.memory.buffer;
  }

  /** Bytes given out. */
  get bytes(): number {
    return this.end;
  }

  /** Bytes given out, by what for; their sum is `bytes`. */
  get bytesByPart(): Partial<Record<MemoryPart, number>> {
    return Object.fromEntries(this.parts);
  }

  get buffer(): ArrayBuffer {
    return this.sealed ?? this.core.memory.buffer;
  }

  private grow(pages: number): boolean {
    try {
      this.core.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  private reserve(bytes: number): void {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const present = this.buffer.byteLength / PAGE_BYTES;
    if (pages <= present) return;
    if (pages > MAX_PAGES)
      refuse("createLearner", `at most ${MAX_PAGES * PAGE_BYTES} bytes of memory`, bytes);
    // By a quarter at least: each growth costs the same, and one a vector made 1,000 inner steps take 0.6 s.
    const roomy = Math.min(Math.max(pages, Math.ceil(present * 1.25)), MAX_PAGES);
    if (!this.grow(roomy - present) && !this.grow(pages - present))
      refuse("createLearner", "a machine with enough free memory", `${bytes} bytes`);
  }
}
