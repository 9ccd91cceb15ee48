/** First byte of linear memory that the core itself does not use. */
export function heapBase(): usize {
  return __heap_base;
}
