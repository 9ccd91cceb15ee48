/** Writes one line of JSON on stdout, for machines. */
export const emit = (event: string, fields: object): void =>
  void process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
