import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** With these, threads may share memory. */
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * @typedef {object} Site
 * @property {string[]} [roots] folders; a file is that of the first which has it
 * @property {import("node:http").RequestListener} [server] serves the files in their place
 * @property {string} page path of the page
 * @property {string} [importMap] put on the page, for modules without a bundler
 */

/**
 * Serves a page that may run its own scripts, compile wasm and share memory, but evaluate no code; the proof is what it sends.
 *
 * @param {Site} site
 * @param {(url: string) => Promise<never>} open opens the page until aborted
 * @returns {Promise<import("./script/proof.js").Proof>}
 */
export async function proofOfPage(site, open) {
  const { importMap, server: files = serveFiles(site) } = site;
  const headers = {
    ...ISOLATED,
    "Content-Security-Policy": policy(importMap),
    "Cache-Control": "no-store",
  };
  const server = createServer();
  try {
    return await new Promise((resolve, reject) => {
      server.on("request", async (request, response) => {
        response.setHeaders(new Map(Object.entries(headers)));
        if (request.method !== "POST") return files(request, response);
        const body = await read(request);
        response.writeHead(204).end();
        if (request.url === "/proof") resolve(JSON.parse(body));
        else reject(new Error(body));
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
        open(`http://127.0.0.1:${port}${site.page}`).catch(reject);
      });
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** @param {Site} site @returns {import("node:http").RequestListener} */
function serveFiles({ roots = [], page, importMap }) {
  const map = importMap ? `<script type="importmap">${importMap}</script>` : "";
  return (request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    const file = roots.map((root) => join(root, pathname)).find(isFile);
    if (!file) return response.writeHead(404).end();
    const body = readFileSync(file);
    response.writeHead(200, { "Content-Type": TYPES[extname(pathname)] ?? "text/plain" });
    response.end(pathname === page ? body.toString().replace("<script", `${map}<script`) : body);
  };
}

/** An import map is an inline script, which goes by its hash. @param {string} [importMap] */
function policy(importMap) {
  const hash = importMap && createHash("sha256").update(importMap).digest("base64");
  return `script-src 'self' 'wasm-unsafe-eval'${hash ? ` 'sha256-${hash}'` : ""}`;
}

/** @param {string} path */
const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** @param {import("node:http").IncomingMessage} request */
async function read(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
