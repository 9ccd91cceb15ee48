import images from "./fixtures/image-files.json?raw";

/** An image of three channels, and OpenCV's area or linear interpolation of it in f32: test/fixtures/image-files.py. */
interface Resized {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly number[];
  readonly to: readonly [width: number, height: number];
  /** Rounded to three digits. */
  readonly wanted: readonly number[];
}

export const { sizes: opencvSizes }: { sizes: readonly Resized[] } = JSON.parse(images);
