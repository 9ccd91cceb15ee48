import { checkArray, checkInteger, refuseKind } from "../check.ts";
import { gunzip } from "../gunzip.ts";

/** The most bytes of images: 1 GiB. */
const MOST = 0x40000000;

/** One-bit images as `packedImages` takes them. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly labels: Int32Array;
  readonly width: number;
  readonly height: number;
}

/**
 * So many one-bit images, gzip or not, class after class, `each` of a class.
 *
 * @throws {RangeError} `readOmniglot: expected packed.length 8 (4 images of 2 bytes), got 7`; broken gzip data
 */
export async function readPacked(
  where: string,
  packed: Uint8Array,
  sizes: { width: number; height: number; images: number; each: number },
): Promise<Packed> {
  if (!(packed instanceof Uint8Array)) refuseKind(where, "packed a Uint8Array", packed);
  const { width, height, images, each } = sizes;
  const stride = Math.ceil((width * height) / 8);
  const size = checkInteger(where, "bytes in all", images * stride, { max: MOST });
  // One more, to see that there are too many.
  const bytes = await gunzip(where, "packed", packed, size + 1);
  checkArray(where, "packed", bytes, size, `${images} images of ${stride} bytes`);
  const labels = Int32Array.from({ length: images }, (_, i) => Math.floor(i / each));
  return { bytes, labels, width, height };
}
