import { dark, fonts, light, variables } from "./palette.ts";

/** The frame of a report: style and helpers. Everything is in the file; nothing is fetched. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

export function escape(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (mark) => names[mark]);
}

export const card = (id: string, title: string, body: string): string =>
  `<div class="card" data-section="${id}">\n<h2>${escape(title)}</h2>\n${body}\n</div>`;

export const note = (text: string): string => `<p class="note">${escape(text)}</p>`;

const style = `
:root { ${variables(light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(dark)} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.55;
  font: 16px/1.55 ${fonts}; }
main { max-width: 1040px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 12px; }
h2 { font-size: 19px; margin: 0 0 6px; letter-spacing: -0.005em; }
p { margin: 0 0 12px; max-width: 46em; }
.part + .part { margin-top: 72px; padding-top: 48px; border-top: 1px solid var(--edge); }
.lead { font-size: 17px; color: var(--muted); }
.note { color: var(--muted); font-size: 14.5px; margin-bottom: 14px; }
.below { margin: 12px 0 0; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 22px 24px; margin-top: 20px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 14px; margin-top: 24px; }
.tile { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 16px 18px; }
.tile.best { background: var(--tint); border-color: var(--learned); }
.tile b { display: block; font-size: 28px; line-height: 1.2; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tile.best b { color: var(--learned); }
.tile span { color: var(--muted); font-size: 14px; }
svg { display: block; max-width: 100%; height: auto; font-family: inherit; }
.chart { overflow-x: auto; }
.chart svg { min-width: 600px; }
.scroll { overflow-x: auto; margin-top: 14px; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--edge); white-space: nowrap; vertical-align: top; }
th { color: var(--muted); font-weight: 500; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 220px; }
tr:last-child td { border-bottom: 0; }
td small { display: block; color: var(--muted); font-size: 13px; line-height: 1.4; max-width: 40em; white-space: normal; }
td i { font-style: normal; color: var(--muted); font-size: 12.5px; }
.mark { background: var(--tint); font-weight: 600; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 8px; vertical-align: -1px; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 22px 18px; }
.panel h3 { margin: 0; font-size: 15px; }
.panel p { margin: 0 0 6px; font-size: 13.5px; color: var(--muted); }
.episodes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(max(340px, var(--ways) * 84px), 100%), 1fr)); gap: 34px; }
.episode h3, .matrices h3, h3.below { margin: 0; font-size: 15px; }
h3.below { margin-top: 24px; }
.episode > p { margin: 0; font-size: 13.5px; color: var(--muted); }
.ways { padding: 3px; display: grid; grid-template-columns: repeat(var(--ways), minmax(46px, 1fr)); gap: 8px 7px; }
.way { min-width: 0; text-align: center; display: grid; grid-row: span 3; grid-template-rows: subgrid; }
.way h4 { margin: 0; max-height: 5.2em; overflow: hidden; font-size: 12px; line-height: 1.3; font-weight: normal; color: var(--muted); overflow-wrap: anywhere; }
.way h4 b { display: block; color: var(--ink); }
.way img { width: 100%; max-width: 72px; image-rendering: pixelated; border-radius: 5px; border: 1px solid var(--edge); display: block; margin: 0 auto; }
.given { padding-bottom: 10px; border-bottom: 2px solid var(--edge); display: grid; gap: 9px; align-content: start; }
.given img { outline: 2px solid var(--learned); outline-offset: 1px; }
figure { margin: 0 0 8px; }
figcaption { font-size: 12.5px; line-height: 1.5; color: var(--muted); }
.right { color: var(--shift); white-space: nowrap; }
.wrong { color: var(--brick); white-space: nowrap; }
.matrices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(8em + var(--ways) * 2.6em, 100%), 1fr)); gap: 22px 34px; }
table.matrix { width: auto; margin-top: 8px; }
table.matrix th, table.matrix td { min-width: 0; width: 3.4em; padding: 8px 6px; text-align: center; border: 1px solid var(--card); }
table.matrix th:first-child { padding-left: 0; width: 8em; font-size: 13px; text-align: right; white-space: nowrap; }
table.matrix td { background: color-mix(in srgb, var(--learned) calc(var(--share) * 0.55), var(--page)); }
td.diagonal { font-weight: 700; outline: 1.5px solid var(--learned); outline-offset: -2px; }
th.text, td.text { text-align: left; white-space: normal; }
.key { display: flex; flex-wrap: wrap; gap: 6px 20px; font-size: 14px; color: var(--muted); margin: 0 0 16px; padding: 0; list-style: none; }
.key li { display: flex; align-items: center; gap: 8px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; font-size: 14.5px; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
dl.words { gap: 8px 20px; }
footer { margin-top: 40px; color: var(--muted); font-size: 14px; }
@media (max-width: 600px) { main { padding-top: 24px; } .card { padding: 16px; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 8px; } }
@media print { body { background: none; } .card, .tile { break-inside: avoid; } }
`;
