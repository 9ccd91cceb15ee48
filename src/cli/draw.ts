import type { TopLevelSpec } from "vega-lite";
import { fonts, light } from "./palette.ts";

const config = {
  background: "transparent",
  font: "inherit",
  view: { stroke: null },
  axis: {
    domain: false,
    ticks: false,
    gridColor: "var(--grid)",
    labelColor: "var(--muted)",
    titleColor: "var(--muted)",
    titleFontWeight: "normal" as const,
    labelFontSize: 12,
    titleFontSize: 12,
    labelPadding: 6,
    titlePadding: 10,
  },
};

/** One SVG for a page, drawn without a browser. Its colors are the page's, so that one drawing serves light and dark. */
export const draw = async (spec: TopLevelSpec): Promise<string> =>
  (await drawing(spec)).replace(/ xmlns(:\w+)?="[^"]*"/g, ""); // inside HTML the names of the XML spaces say nothing

/** One SVG for a file of its own, in the light colors. */
export async function drawFile(spec: TopLevelSpec): Promise<string> {
  const own = { ...config, font: fonts, background: light.card };
  const svg = await drawing({ padding: 20, ...spec, config: own } as TopLevelSpec);
  return `${svg.replace(/var\(--([\w-]+)\)/g, (_, name: string) => light[name])}\n`;
}

/** vega takes half a second to load, so it is loaded only here. */
async function drawing(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile({ config, ...spec }).spec), {
    renderer: "none",
  });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
