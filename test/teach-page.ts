import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Where the page is served: a path of its own, as on many hosts. */
const PATH = "/some/where/";

/** Builds the page into a folder. */
export async function buildPage(folder: string): Promise<void> {
  const root = fileURLToPath(new URL("../examples/teach", import.meta.url));
  await build({ root, logLevel: "silent", build: { outDir: folder, emptyOutDir: true } });
}

/** A server of that page alone, and what it was asked for. */
export async function serve(file: string) {
  const asked: string[] = [];
  const server: Server = createServer(({ url = "" }, response) => {
    asked.push(url);
    if (url !== PATH) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/html" }).end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    asked,
    close: () => new Promise((done) => server.close(done)),
  };
}

/** A task for the page: symbols to teach, each with a drawing in shares of the pad, and drawings to name. */
export interface Lesson {
  readonly taught: readonly { readonly name: string; readonly drawing: Strokes }[];
  readonly asked: readonly { readonly name: string; readonly drawing: Strokes }[];
}
export type Strokes = readonly (readonly (readonly [x: number, y: number])[])[];

/**
 * Runs in the page: draws by pointer events, names, teaches, asks; returns the page's answer to each drawing asked for. Events of a script
 * cannot be captured, as those of a real pointer are.
 */
export async function learnAndAnswer({ taught, asked }: Lesson): Promise<string[]> {
  const byId = <E extends Element>(id: string) => document.getElementById(id) as unknown as E;
  const pad = byId<SVGSVGElement>("pad");
  const [add, name] = [byId<HTMLButtonElement>("add"), byId<HTMLInputElement>("new-name")];
  pad.setPointerCapture = () => {};
  const draw = (drawing: Strokes) => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    const fire = (type: string, [x, y]: readonly [number, number]) =>
      pad.dispatchEvent(
        new PointerEvent(type, {
          bubbles: true,
          pointerId: 1,
          clientX: left + x * width,
          clientY: top + y * height,
        }),
      );
    for (const stroke of drawing) {
      fire("pointerdown", stroke[0]);
      for (const point of stroke.slice(1)) fire("pointermove", point);
      fire("pointerup", stroke[stroke.length - 1]);
    }
  };
  byId<HTMLButtonElement>("forget").click();
  for (const { name: called, drawing } of taught) {
    draw(drawing);
    name.value = called;
    add.click();
  }
  return asked.map(({ drawing }) => {
    draw(drawing);
    const answer = byId("answer").textContent ?? "";
    byId<HTMLButtonElement>("clear").click();
    return answer;
  });
}
