/** The rows of each group or class, ascending; keys in the order in which they turn up. */
export function rowsBy<K>(keys: ArrayLike<K>): Map<K, number[]> {
  const rows = new Map<K, number[]>();
  for (let row = 0; row < keys.length; row++) {
    const list = rows.get(keys[row]);
    if (list) list.push(row);
    else rows.set(keys[row], [row]);
  }
  return rows;
}
