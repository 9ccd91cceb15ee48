import { decode as decodeJpegFile } from "jpeg-js";
import { refuse } from "../check.ts";
import { decodePng } from "./png.ts";
import { isPng } from "./png-chunks.ts";
import { MOST_PIXELS, type Pixels } from "./pixels.ts";

/**
 * The pixels of a PNG or JPEG file, told apart by how they begin. A JPEG's EXIF orientation is not
 * followed.
 *
 * @param where the public function, for errors
 * @param path of the file, for errors
 * @throws {RangeError} `imageFolder: expected a whole PNG in cats/1.png, got "an end after 90 bytes"`
 */
export function decodeImage(where: string, path: string, file: Uint8Array): Pixels {
  const format = isPng(file) ? "PNG" : isJpeg(file) ? "JPEG" : undefined;
  if (!format) refuse(where, `a PNG or JPEG in ${path}`, `${file.length} bytes of another kind`);
  try {
    return format === "PNG" ? decodePng(file) : decodeJpeg(file);
  } catch (error) {
    return refuse(where, `a whole ${format} in ${path}`, oneLine(error));
  }
}

function isJpeg(file: Uint8Array): boolean {
  return file[0] === 0xff && file[1] === 0xd8 && file[2] === 0xff;
}

/** 24 bits a pixel, whatever the file has. */
function decodeJpeg(file: Uint8Array): Pixels {
  const { width, height, data } = decodeJpegFile(file, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: 2048,
    // What Adobe's marker says goes before; where it says nothing of a transform, there is none.
    ...(hasAdobe(file) && { colorTransform: false }),
  });
  if (width === 0 || height === 0) throw new Error(`${width}×${height} pixels`);
  return { width, height, channels: 3, bytes: data };
}

/** Whether Adobe's marker is there, which tells how colors are stored; without it they are YCbCr. */
function hasAdobe(file: Uint8Array): boolean {
  let at = 2;
  // From marker to marker, up to the first scan.
  while (file[at] === 0xff && file[at + 1] !== 0xda) {
    const name = String.fromCharCode(...file.subarray(at + 4, at + 9));
    if (file[at + 1] === 0xee && name === "Adobe") return true;
    at += 2 + ((file[at + 2] << 8) | file[at + 3]);
  }
  return false;
}

/** What went wrong, in one line. */
export function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0];
}
