// Bundles one widget per view into qjobwidgets/static: VIEW.js (one ES module, nothing to load
// beside it, because the host imports its text from a Blob) and VIEW.css.
import { mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const VIEWS = {
  badge: "badge.ts",
  card: "card.tsx",
  dashboard: "dashboard.tsx",
  table: "table.tsx",
  plot: "plot.tsx",
  counts: "counts.tsx",
};
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../qjobwidgets/static");

const entryPoints = Object.entries(VIEWS).flatMap(([view, source]) => [
  { in: here(`src/${source}`), out: view },
  { in: here(`src/css/${view}.css`), out: view },
]);

await mkdir(out, { recursive: true });
await build({
  entryPoints,
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  // what JupyterLab 4 and VS Code run; older browsers lack color-mix() and container queries anyway
  target: ["chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  // a notebook saved with widget state holds a copy of each bundle: no comments, no source maps
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});

for (const view of Object.keys(VIEWS)) {
  const [js, css] = await Promise.all(["js", "css"].map((kind) => stat(`${out}/${view}.${kind}`)));
  console.log(
    `${view}: ${(js.size / 1024).toFixed(1)} KiB js, ${(css.size / 1024).toFixed(1)} KiB css`,
  );
}
