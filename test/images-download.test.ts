import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { downloadArchives } from "../src/images/download-omniglot.ts";
import { downloadOmniglot } from "../src/images/index.ts";

const bytesOf = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
const content: Record<string, Uint8Array> = {
  "/python/one.zip": bytesOf(300_000, 1),
  "/python/two.zip": bytesOf(70_000, 2),
};
const described = (name: string) => {
  const bytes = content[`/python/${name}`];
  return { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
};
const archives = { background: described("one.zip"), evaluation: described("two.zip") };

/** What the server does with a request; the default sends the file, or the range that is asked for. */
type Answer = (request: IncomingMessage, response: ServerResponse, file: Uint8Array) => void;
/** Begins to answer; where in the file. */
const begin: (...about: Parameters<Answer>) => number = (request, response, file) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = `bytes ${from}-${file.length - 1}/${file.length}`;
  response.writeHead(from ? 206 : 200, {
    "content-length": file.length - from,
    ...(from && { "content-range": range }),
  });
  return from;
};
const whole: Answer = (request, response, file) =>
  void response.end(file.subarray(begin(request, response, file)));
/** Sends so many bytes of what is asked for and no more; `cut` breaks the connection. */
const broken =
  (length: number): Answer =>
  (request, response, file) => {
    const from = begin(request, response, file);
    response.write(file.subarray(from, from + length));
    cut = () => response.destroy();
  };
let cut: () => void;
const says =
  (status: number): Answer =>
  (_, response) =>
    void response.writeHead(status).end("no");

let server: Server;
let folder: string;
let from: string;
/** What the next requests are answered with; `whole` when there is nothing left. */
let answers: Answer[];
let asked: string[];
beforeEach(async () => {
  [answers, asked] = [[], []];
  folder = mkdtempSync(join(tmpdir(), "rvml-download-"));
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? "all"}`);
    (answers.shift() ?? whole)(request, response, content[request.url!] ?? new Uint8Array(0));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/python/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const get = (options: object = {}) => downloadArchives({ folder, from, ...options }, archives);
const kept = () => readdirSync(folder).sort();
const path = (name: string) => join(folder, name);

/** Both are there, whole, and nothing else is. */
function expectBoth(read: { background: Uint8Array; evaluation: Uint8Array }): void {
  expect(kept()).toEqual(["one.zip", "two.zip"]);
  for (const [bytes, name] of [
    [read.background, "one.zip"],
    [read.evaluation, "two.zip"],
  ] as const) {
    expect(Buffer.compare(bytes, content[`/python/${name}`])).toBe(0);
    expect(Buffer.compare(readFileSync(path(name)), bytes)).toBe(0);
  }
}

describe("downloads", () => {
  test("both files, with progress; a second call asks nothing", async () => {
    const seen: [string, number, number][] = [];
    const onProgress = (p: { path: string; bytes: number; total: number }) =>
      seen.push([p.path, p.bytes, p.total]);
    expectBoth(await get({ onProgress }));
    expect(asked).toEqual(["/python/one.zip all", "/python/two.zip all"]);
    expect(seen.at(-1)).toEqual([path("two.zip"), 70_000, 70_000]);
    const first = seen.filter(([name]) => name === path("one.zip")).map(([, bytes]) => bytes);
    expect(first).toEqual([...first].sort((a, b) => a - b));
    expectBoth(await get());
    expect(asked.length).toBe(2);
  });

  test("a broken connection: goes on from where it broke", async () => {
    answers = [broken(100_000), broken(50_000)];
    // Cut when they have come: a reset connection may lose what is on its way.
    const onProgress = ({ bytes }: { bytes: number }) => {
      if (bytes === 100_000 || bytes === 150_000) cut();
    };
    expectBoth(await get({ onProgress }));
    expect(asked).toEqual([
      "/python/one.zip all",
      "/python/one.zip bytes=100000-",
      "/python/one.zip bytes=150000-",
      "/python/two.zip all",
    ]);
  });

  test("a broken call: the next one goes on, and no file but the part is there before", async () => {
    writeFileSync(path("one.zip.part"), content["/python/one.zip"].subarray(0, 123_456));
    expectBoth(await get());
    expect(asked[0]).toBe("/python/one.zip bytes=123456-");
  });

  test("a part that lacks nothing but its name", async () => {
    writeFileSync(path("one.zip.part"), content["/python/one.zip"]);
    expectBoth(await get());
    expect(asked).toEqual(["/python/two.zip all"]);
  });

  test("a part that is too long is thrown away", async () => {
    writeFileSync(path("one.zip.part"), bytesOf(300_001, 1));
    expectBoth(await get());
    expect(asked[0]).toBe("/python/one.zip all");
  });

  test("a server without ranges: from the start, not appended", async () => {
    writeFileSync(path("one.zip.part"), bytesOf(1000, 9));
    answers = [(_, response, file) => void response.writeHead(200).end(file)];
    expectBoth(await get());
  });

  test("what is passing is tried again: 503, 429", async () => {
    answers = [says(503), says(429)];
    expectBoth(await get());
    expect(asked).toHaveLength(4);
  });
});

/** The file in pieces, one after the other. */
const slowly: Answer = (request, response, file) => {
  function send(at: number): void {
    response.write(file.subarray(at, at + 30_000));
    if (at + 30_000 >= file.length) response.end();
    else setTimeout(send, 5, at + 30_000);
  }
  send(begin(request, response, file));
};

test("two calls at once for the same folder: both have both", async () => {
  answers = Array(4).fill(slowly);
  for (const read of await Promise.all([get(), get()])) expectBoth(read);
});

test("a call while another is half through: both have both", async () => {
  answers = Array(4).fill(slowly);
  let second: ReturnType<typeof get> | undefined;
  const onProgress = ({ bytes }: { bytes: number }) => {
    if (bytes >= 100_000) second ??= get();
  };
  const first = await get({ onProgress });
  for (const read of [first, await second!]) expectBoth(read);
  expect(asked).toContainEqual(expect.stringMatching(/one\.zip bytes=\d+-/));
});

describe("refused, and nothing half-done is left as if it were whole", () => {
  test("other content of the same size", async () => {
    answers = [(_, response) => void response.end(bytesOf(300_000, 7))];
    const wrong = createHash("sha256").update(bytesOf(300_000, 7)).digest("hex");
    await expect(get()).rejects.toThrow(
      `downloadOmniglot: expected SHA-256 ${archives.background.sha256} of ${path("one.zip.part")}, got "${wrong.slice(0, 57)}`,
    );
    expect(kept()).toEqual([]);
    expectBoth(await get());
  });

  test("another part, gone on from", async () => {
    writeFileSync(path("one.zip.part"), bytesOf(1000, 9));
    await expect(get()).rejects.toThrow("expected SHA-256");
    expect(kept()).toEqual([]);
  });

  test("a wrong file that was there before is left alone", async () => {
    writeFileSync(path("one.zip"), "mine");
    await expect(get()).rejects.toThrow(`of ${path("one.zip")}, got`);
    expect(readFileSync(path("one.zip"), "utf8")).toBe("mine");
    expect(asked).toEqual([]);
  });

  test.each<[string, Answer, string, number]>([
    ["404", says(404), "HTTP 404", 1],
    ["416", says(416), "HTTP 416", 1],
    [
      "more than there should be",
      (_, r) => void r.end(bytesOf(300_001, 1)),
      "more than 300000 bytes",
      1,
    ],
    [
      "another range than was asked for",
      (_, r) => void r.writeHead(206, { "content-range": "bytes 5-9/10" }).end("5678"),
      "another range than was asked for",
      1,
    ],
    ["less, four times", (_, r) => void r.end("short"), "5 of 300000 bytes", 4],
    ["500, four times", says(500), "HTTP 500", 4],
  ])("%s", async (_, answer, message, times) => {
    answers = Array.from({ length: 9 }, () => answer);
    await expect(get()).rejects.toThrow(
      `downloadOmniglot: expected ${path("one.zip")} from ${from}one.zip, got "${message}`,
    );
    expect(asked).toHaveLength(times);
    expect(kept().filter((name) => !name.endsWith(".part"))).toEqual([]);
  });

  test("no server", async () => {
    const gone = createServer();
    await new Promise<void>((done) => gone.listen(0, "127.0.0.1", done));
    const { port } = gone.address() as AddressInfo;
    await new Promise((done) => gone.close(done));
    await expect(get({ from: `http://127.0.0.1:${port}/` })).rejects.toThrow(
      /^downloadOmniglot: expected .*one\.zip from http:\S+, got "fetch failed: .*"$/,
    );
  });

  test("a signal ends it, and what has come is kept", async () => {
    const controller = new AbortController();
    answers = [
      (_, response, file) => {
        response.writeHead(200, { "content-length": file.length });
        response.write(file.subarray(0, 100_000));
      },
    ];
    const onProgress = ({ bytes }: { bytes: number }) => {
      if (bytes === 100_000) controller.abort();
    };
    const read = get({ signal: controller.signal, onProgress });
    await expect(read).rejects.toMatchObject({ name: "AbortError" });
    expect(kept()).toEqual(["one.zip.part"]);
    expectBoth(await get());
    expect(asked[1]).toBe("/python/one.zip bytes=100000-");
  });
});

test("a signal's own reason is told, between two tries as well", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  // The first wait is of 250 ms.
  setTimeout(() => controller.abort(reason), 150);
  answers = [says(503)];
  await expect(get({ signal: controller.signal })).rejects.toBe(reason);
  expect(asked.length).toBeLessThan(2);
});

test("what the caller's onProgress throws comes through at once, and what has come is kept", async () => {
  const own = new Error("the caller's own");
  const onProgress = ({ bytes }: { bytes: number }) => {
    if (bytes === 100_000) throw own;
  };
  answers = [broken(100_000)];
  await expect(get({ onProgress })).rejects.toBe(own);
  expect(asked).toEqual(["/python/one.zip all"]);
  expect(kept()).toEqual(["one.zip.part"]);
  expectBoth(await get());
  expect(asked[1]).toBe("/python/one.zip bytes=100000-");
});

test("downloadOmniglot: a folder that is missing is made", async () => {
  answers = [says(404)];
  const inner = join(folder, "a/b");
  await expect(downloadOmniglot({ folder: inner, from })).rejects.toThrow(
    `from ${from}images_background.zip, got "HTTP 404"`,
  );
  expect(existsSync(inner)).toBe(true);
});
