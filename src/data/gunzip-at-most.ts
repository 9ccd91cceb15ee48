import { refuse } from "../check.ts";

/**
 * What gzip data unpacks to, but no more than the first `most` bytes, so that a small file cannot
 * fill the memory; bytes that are not gzip are as they are.
 *
 * @param where the public function, for errors
 * @throws {RangeError} `readIdx: expected whole gzip data in labels, got "123 bytes that do not
 * unpack"`
 */
export async function gunzipAtMost(
  where: string,
  name: string,
  bytes: Uint8Array,
  most: number,
): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.subarray(0, most);
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  // The same failure is told by the reader.
  writer.write(bytes as Uint8Array<ArrayBuffer>).then(
    () => writer.close().catch(() => {}),
    () => {},
  );
  try {
    return await readAtMost(readable.getReader(), most);
  } catch {
    return refuse(where, `whole gzip data in ${name}`, `${bytes.length} bytes that do not unpack`);
  }
}

async function readAtMost(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < most) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(0, most - length));
    length += chunks.at(-1)!.length;
  }
  if (length === most) reader.cancel().catch(() => {});
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
