// Bundles one widget per view into qjobwidgets/static: VIEW.js (one ES module, nothing to load
// beside it, because the host imports its text from a Blob) and VIEW.css.
//
// The text of VIEW.js goes over the socket when the first view of its kind is displayed, and into the
// notebook when that is saved with widget state. So it is a small module that unpacks the bundle,
// which is less than half of its size, and imports it the way hosts import widgets. All views of a
// kind on a page share what was imported first: what is of one model, lives in a closure. The views
// that follow are sent VIEW-again.js, which takes what is there, and asks for all where nothing is.
// Both are in src/script.
import { createHash } from "node:crypto";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
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

const options = {
  bundle: true,
  minify: true,
  format: "esm",
  // what JupyterLab 4 and VS Code run; older browsers lack color-mix() and container queries anyway
  target: ["chrome111", "firefox113", "safari16.4"],
  charset: "utf8",
  logLevel: "warning",
  write: false,
};

/** Build one of the scripts that views are sent, with what is put in for the bundle. */
async function script(name, values) {
  const define = Object.fromEntries(
    Object.entries(values).map(([word, value]) => [word, JSON.stringify(value)]),
  );
  const entryPoints = [here(`src/script/${name}.ts`)];
  const { outputFiles } = await build({ ...options, entryPoints, define });
  return outputFiles[0].contents;
}

await mkdir(out, { recursive: true });
const { outputFiles } = await build({
  ...options,
  entryPoints,
  outdir: out,
  jsx: "automatic",
  jsxImportSource: "preact",
  // a notebook saved with widget state holds a copy of each bundle: no comments, no source maps
  legalComments: "none",
});
for (const { path, contents } of outputFiles) {
  if (!path.endsWith(".js")) {
    await writeFile(path, contents);
    continue;
  }
  const PACKED = deflateRawSync(contents, { level: 9 }).toString("base64");
  const KEY = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  await writeFile(path, await script("whole", { KEY, PACKED }));
  await writeFile(path.replace(/\.js$/, "-again.js"), await script("again", { KEY }));
}

for (const view of Object.keys(VIEWS)) {
  const [js, css] = await Promise.all(["js", "css"].map((kind) => stat(`${out}/${view}.${kind}`)));
  console.log(
    `${view}: ${(js.size / 1024).toFixed(1)} KiB js, ${(css.size / 1024).toFixed(1)} KiB css`,
  );
}
