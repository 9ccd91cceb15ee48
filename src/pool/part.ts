import type { Task } from "../task.ts";
import type { JobMessage } from "./messages.ts";
import { Queue } from "./queue.ts";
import { DONE, FAILED, Room, type Sizes, type Store } from "./room.ts";
import { floatsOf, readTasks, type RowSizes, writeTasks } from "./tasks.ts";

/** What a meta-batch is to all who compute parts of it. */
export interface Job {
  /** First task of each unit; behind the last one, the number of tasks. */
  readonly starts: readonly number[];
  readonly rowSizes: RowSizes;
  readonly parameters: Float32Array;
  readonly step: number;
  /** 1 / tasks of the whole meta-batch. */
  readonly scale: number;
  readonly learner: number;
}

/** Units `from` … `to − 1` of a meta-batch, to be written down in a room of their own. */
export class Part {
  readonly from: number;
  readonly to: number;
  /** Closed until the units are written down. */
  readonly queue: Queue;
  private room: Room;
  private readonly job: Job;
  private readonly tasks: readonly Task[];

  constructor(
    job: Job,
    tasks: readonly Task[],
    [from, to]: readonly [number, number],
    { store, members }: { readonly store: Store; readonly members: number },
  ) {
    const { parameters } = job;
    this.tasks = tasks;
    this.job = job;
    this.from = from;
    this.to = to;
    const sizes: Sizes = {
      members,
      units: to - from,
      tasks: tasks.length,
      floats: floatsOf(tasks),
      parameters: parameters.length,
    };
    this.room = store.room(sizes);
    this.queue = new Queue(this.room.queue, sizes.units);
    this.queue.reset();
  }

  /** Writes the units down, and opens their queue. */
  write(): void {
    const { room, from, to } = this;
    const { starts, parameters } = this.job;
    room.parameters.set(parameters);
    room.state.fill(0);
    for (let unit = from; unit < to; unit++) {
      room.units[2 * (unit - from)] = starts[unit] - starts[from];
      room.units[2 * (unit - from) + 1] = starts[unit + 1] - starts[unit];
    }
    writeTasks(this.tasks, room);
    this.queue.open();
  }

  message(number: number, member: number): JobMessage {
    const { step, learner, scale } = this.job;
    const { sizes, state } = this.room;
    return { kind: "job", job: number, learner, member, step, scale, sizes, buffer: state.buffer };
  }

  /** Takes back a buffer that was sent away. */
  returned(buffer: ArrayBufferLike): void {
    this.room = new Room(this.room.sizes, buffer);
  }

  /** What became of a unit; that of one whose buffer never came back is undefined. */
  has(unit: number): "done" | "failed" | undefined {
    const state = this.room.state[unit - this.from];
    return state === DONE ? "done" : state === FAILED ? "failed" : undefined;
  }

  /** The tasks of a unit as they were written down: what they were made of may have changed since. */
  tasksOf(unit: number): Task[] {
    const [start, count] = this.room.tasksOf(unit - this.from);
    return readTasks(this.room, start, count, this.job.rowSizes);
  }

  /** The same of all units. */
  allTasks(): Task[] {
    return readTasks(this.room, 0, this.tasks.length, this.job.rowSizes);
  }

  contribution(unit: number): Float32Array {
    return this.room.contribution(unit - this.from);
  }

  losses(unit: number): Float64Array {
    return this.room.lossesOf(unit - this.from);
  }
}
