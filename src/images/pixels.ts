/** An image as it was decoded: width·height·channels bytes, row by row from the top left, channels last. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Grey; grey, alpha; red, green, blue; red, green, blue, alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  readonly bytes: Uint8Array;
}

/** The most pixels that a file may hold: 64 Mi, 256 MB at four channels. */
export const MOST_PIXELS = 0x4000000;

/**
 * Grey (1) or red, green, blue (3) of any image. What is transparent shows white behind it. Grey is
 * 0.299 R + 0.587 G + 0.114 B, as television has it and as image libraries do (ITU-R BT.601).
 */
export function withChannels(pixels: Pixels, channels: 1 | 3): Pixels {
  const { width, height } = pixels;
  const { channels: given, bytes } = opaque(pixels);
  if (given === channels) return { width, height, channels, bytes };
  const count = width * height;
  const out = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++)
    if (channels === 1)
      out[i] = Math.round(
        0.299 * bytes[3 * i] + 0.587 * bytes[3 * i + 1] + 0.114 * bytes[3 * i + 2],
      );
    else out.fill(bytes[i], 3 * i, 3 * i + 3);
  return { width, height, channels, bytes: out };
}

/** In front of white, without alpha. */
function opaque({ width, height, channels, bytes }: Pixels): Pixels & { channels: 1 | 3 } {
  if (channels === 1 || channels === 3) return { width, height, channels, bytes };
  const colors = channels === 2 ? 1 : 3;
  const count = width * height;
  const out = new Uint8Array(count * colors);
  for (let i = 0; i < count; i++) {
    const alpha = bytes[i * channels + colors] / 255;
    for (let c = 0; c < colors; c++)
      out[i * colors + c] = Math.round(255 + alpha * (bytes[i * channels + c] - 255));
  }
  return { width, height, channels: colors, bytes: out };
}
