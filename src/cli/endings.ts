/** The signals that end a run: Ctrl-C, `kill`, and a terminal that is closed. */
export const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
