import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  update(step: number, loss: number, tasksPerSecond: number): void;
  stop(): void;
}

const silent: Progress = { update() {}, stop() {} };
const format =
  "{label}  {bar} {percentage} %  step {value} of {total}  loss {loss}  {rate} tasks/s  {left} left";

/** A bar on stderr with rate and time left; nothing at all where stderr is not a terminal. */
export function progressBar(label: string, total: number, from = 0, quiet = false): Progress {
  if (quiet || !process.stderr.isTTY) return silent;
  const bar = new SingleBar(
    { format, stream: process.stderr, barsize: 24, fps: 8, hideCursor: true, gracefulExit: false },
    Presets.shades_classic,
  );
  const begin = performance.now();
  bar.start(total, from, { label, loss: "–", rate: "–", left: "–" });
  const left = (step: number) =>
    readable(((performance.now() - begin) / 1000 / Math.max(step - from, 1)) * (total - step));
  return {
    update(step, loss, tasksPerSecond) {
      const rate = Math.round(tasksPerSecond).toLocaleString("en");
      bar.update(step, { label, loss: loss.toPrecision(3), rate, left: left(step) });
    },
    stop: () => bar.stop(),
  };
}

/** 75 → "1 min 15 s". */
export function readable(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
