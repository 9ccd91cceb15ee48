/** Lets everything else that waits on the event loop run first: input, timers, painting. No delay where nothing waits. */
export function breathe(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  // Edge workers may have neither.
  if (typeof MessageChannel !== "function") return new Promise((resolve) => setTimeout(resolve));
  // A message is a task of its own, without the 4 ms that browsers add to nested timers.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
