/**
 * What gzip data unpacks to (told by its first two bytes), or the bytes themselves where they are not gzip; of either the first `most` and
 * no more, so that a small file cannot fill the memory.
 *
 * @param where the public function, and what it calls these bytes: for errors
 * @throws {RangeError} `readIdx: expected whole gzip data in labels, got "123 bytes that do not unpack"`
 */
export async function gunzip(
  where: string,
  name: string,
  bytes: Uint8Array,
  most = Infinity,
): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.subarray(0, most);
  const { readable, writable } = new DecompressionStream("gzip");
  // A writer of our own: `new Response(stream)` would load Node's whole fetch, 35 ms at the first call.
  const writer = writable.getWriter();
  // What fails there fails in the reader, too, and is told once.
  const quiet = () => {};
  writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close().catch(quiet), quiet);
  try {
    return concatenate(await collect(readable.getReader(), most));
  } catch (cause) {
    const got = `"${bytes.length} bytes that do not unpack"`;
    throw new RangeError(`${where}: expected whole gzip data in ${name}, got ${got}`, { cause });
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let left = most; left > 0; left -= chunks.at(-1)!.length) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value.subarray(0, left));
  }
  reader.cancel().catch(() => {});
  return chunks;
}

export function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
