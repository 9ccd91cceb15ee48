/** Colors by what they are for, as a page's CSS variables. */
export type Palette = Readonly<Record<string, string>>;

export const light: Palette = {
  page: "#f5f6f8",
  card: "#ffffff",
  ink: "#1c2430",
  muted: "#5d6877",
  grid: "#e6e9ee",
  edge: "#e1e5ea",
  learned: "#2458d6",
  tuned: "#c96a00",
  pooled: "#7a8594",
  shift: "#0b8a66",
  line: "#a63bb5",
  sky: "#0a86a8",
  rose: "#cf3470",
  olive: "#77780f",
  brick: "#a8442f",
  tint: "#eef3ff",
};

export const dark: Palette = {
  page: "#0f1216",
  card: "#181c22",
  ink: "#e7eaef",
  muted: "#9aa5b3",
  grid: "#2a3039",
  edge: "#272d36",
  learned: "#7aa5ff",
  tuned: "#f0a24a",
  pooled: "#8f9aa8",
  shift: "#45cba0",
  line: "#dd8be8",
  sky: "#4cc4e8",
  rose: "#ff7fae",
  olive: "#c3c348",
  brick: "#e88a72",
  tint: "#1b2538",
};

export const fonts =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** "--page: #f5f6f8; …" */
export const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, color]) => `--${name}: ${color};`)
    .join(" ");
