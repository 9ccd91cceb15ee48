/**
 * The bytes themselves, or what they unpack to where they are gzip (told by their first two bytes).
 *
 * @throws {RangeError} `gunzip: expected whole gzip data, got 123 bytes that do not unpack`
 */
export async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  try {
    const unpacked = packed.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    const got = `${bytes.length} bytes that do not unpack`;
    throw new RangeError(`gunzip: expected whole gzip data, got ${got}`, { cause });
  }
}
