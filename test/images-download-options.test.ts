import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OMNIGLOT_FILES } from "../src/images/download-omniglot.ts";
import { downloadOmniglot, imagePaths } from "../src/images/index.ts";

test("downloadOmniglot: options are checked before anything starts", async () => {
  const from = "http://127.0.0.1:1/";
  const none = join(tmpdir(), `rvml-none-${process.pid}`);
  const cases: [object, string][] = [
    [{ folder: none, size: 28 }, 'expected options folder, from, signal or onProgress, got "size"'],
    [{}, "expected the path of a folder in folder, got undefined"],
    [{ folder: none, from: 3 }, "expected a URL in from, got 3"],
    [{ folder: none, from: "here" }, 'expected a URL that ends in "/" in from, got "here"'],
    [
      { folder: none, from: "http://127.0.0.1/x" },
      'expected a URL that ends in "/" in from, got "http:',
    ],
    [{ folder: none, from, signal: "x" }, 'expected an AbortSignal as signal, got "x"'],
    [{ folder: none, from, signal: null }, "expected an AbortSignal as signal, got null"],
    [{ folder: none, from, onProgress: 3 }, "expected a function as onProgress, got 3"],
  ];
  for (const [options, message] of cases)
    await expect(downloadOmniglot(options as never)).rejects.toThrow(
      `downloadOmniglot: ${message}`,
    );
  expect(existsSync(none)).toBe(false);
});

test("without Node's modules: says what is needed, and which Node this is", async () => {
  const own = process.getBuiltinModule;
  let read: Promise<unknown>;
  try {
    process.getBuiltinModule = undefined as never;
    read = imagePaths("images");
  } finally {
    process.getBuiltinModule = own;
  }
  const got = JSON.stringify(process.versions.node);
  await expect(read).rejects.toThrow(
    new RangeError(`imagePaths: expected Node 20.16 or later (or Deno, Bun), got ${got}`),
  );
});

test("the official files: sizes and hashes as TensorFlow Datasets publishes them", () => {
  // url_checksums/omniglot.txt at tensorflow/datasets 333639b, a line a file: URL, bytes, SHA-256.
  const published = [
    "images_background.zip 9464212 ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
    "images_evaluation.zip 6462886 1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
  ];
  const own = Object.values(OMNIGLOT_FILES).map(
    ({ name, bytes, sha256 }) => `${name} ${bytes} ${sha256}`,
  );
  expect(own).toEqual(published);
});
