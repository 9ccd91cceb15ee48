/** Writes one line of JSON on stdout, for machines. */
export const emit = (event: string, fields: object): void =>
  void process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

/** Writes numbers that stand together with the same decimals: enough for two digits of the smallest, four at most. */
export function writer(values: readonly number[]): (value: number) => string {
  const sizes = values.map(Math.abs).filter((size) => size < Infinity);
  const least = Math.max(...sizes) / 1000; // what is smaller yet is as good as zero
  const smallest = Math.floor(Math.log10(Math.min(...sizes.filter((size) => size > least), 1e9)));
  const decimals = smallest >= 2 ? 1 : Math.min(Math.max(1 - smallest, 2), 4);
  return (value) => {
    if (!Number.isFinite(value)) return "∞";
    return Math.abs(value) < 1e6
      ? value.toFixed(decimals)
      : value.toExponential(1).replace("e+", "e");
  };
}

/** Rows of cells in aligned columns: the first to the left, the others to the right. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("   ");
  const [head, ...body] = rows.map((row) => `  ${line(row)}`.trimEnd());
  return [head, `  ${"─".repeat(head.length - 2)}`, ...body].join("\n");
}

export const stepName = (step: number): string => (step === 0 ? "before" : count(step, "step"));

/** 1 step, 2 steps */
export const count = (number: number, noun: string): string =>
  `${number} ${number === 1 ? noun : plural(noun)}`;

/** country → countries; good enough for a heading, whatever the column is called. */
export function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
