import { defineConfig } from "vite";
import { singleFile } from "./single-file.js";

export default defineConfig({
  base: "./",
  build: { target: "es2022", assetsInlineLimit: Infinity, modulePreload: false },
  plugins: [singleFile()],
});
