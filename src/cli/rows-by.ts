/** The rows of each key, ascending; keys in the order in which they turn up. The command line stands on public names, and this is none. */
export function rowsBy<K>(keys: ArrayLike<K>): Map<K, number[]> {
  const rows = new Map<K, number[]>();
  for (let row = 0; row < keys.length; row++) {
    if (!rows.has(keys[row])) rows.set(keys[row], []);
    rows.get(keys[row])!.push(row);
  }
  return rows;
}
