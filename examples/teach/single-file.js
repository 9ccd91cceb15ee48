/** @import { Plugin } from "vite" */

/** What the built page may do: run what it holds, and read the models that it holds. It cannot reach any server, not even its own. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "connect-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/**
 * Puts script and style into the page, so that the build is one file: it can be served from any path, sent by mail, and opened from a disk,
 * where browsers refuse to load a module's file.
 *
 * @returns {Plugin}
 */
export function singleFile() {
  return {
    name: "single-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("single-file: expected index.html in the bundle");
      let html = String(page.source);
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        const content = part.type === "chunk" ? part.code : String(part.source);
        html = replaced(html, name, content);
        delete bundle[name];
      }
      const head = `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
      page.source = html.replace('<meta charset="utf-8" />', head);
    },
  };
}

/** The tag that names a file becomes one that holds it. @param {string} html @param {string} name @param {string} content */
function replaced(html, name, content) {
  const path = name.replaceAll(".", "\\.");
  const [tag, made] = name.endsWith(".css")
    ? [new RegExp(`<link [^>]*href="[^"]*${path}"[^>]*>`), `<style>${content}</style>`]
    : [
        new RegExp(`<script [^>]*src="[^"]*${path}"[^>]*></script>`),
        `<script type="module">${content.replaceAll("</script", "<\\/script")}</script>`,
      ];
  if (!tag.test(html)) throw new Error(`single-file: expected a tag of ${name} in index.html`);
  return html.replace(tag, () => made);
}
