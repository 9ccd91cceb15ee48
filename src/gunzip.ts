/**
 * The bytes themselves, or what they unpack to where they are gzip (told by their first two bytes).
 *
 * @throws {RangeError} `gunzip: expected whole gzip data, got 123 bytes that do not unpack`
 */
export async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { readable, writable } = new DecompressionStream("gzip");
  // A writer of our own: `new Response(stream)` would load Node's whole fetch, 35 ms at the first call.
  const writer = writable.getWriter();
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  try {
    const chunks = await collect(readable);
    await written;
    return concatenate(chunks);
  } catch (cause) {
    written.catch(() => {}); // the same failure, told once
    const got = `${bytes.length} bytes that do not unpack`;
    throw new RangeError(`gunzip: expected whole gzip data, got ${got}`, { cause });
  }
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value);
  }
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
