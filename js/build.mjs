// Bundles one widget per view into qjobwidgets/static: VIEW.js (one ES module, nothing to load
// beside it, because the host imports its text from a Blob) and VIEW.css.
//
// The text of VIEW.js goes over the socket when the first view of its kind is displayed, and into the
// notebook when that is saved with widget state. So it is a small module that unpacks the bundle,
// which is less than half of its size, and imports it the way hosts import widgets. All views of a
// kind on a page share what was imported first: what is of one model, lives in a closure. The views
// that follow are sent VIEW-again.js, which takes what is there, and asks for all where nothing is.
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

/** The place on a page, found by the name of its content, where a bundle is kept for all views. */
const place = (key) => `const name = Symbol.for("qjobwidgets ${key}");
const place = (globalThis[name] ??= {});
place.bundle ??= new Promise((...ends) => { [place.take, place.fail] = ends; });
`;

/** What VIEW.js is: `packed` is the deflated bundle in base64, `key` names its content. */
const unpacker = (packed, key) => `${place(key)}const unpack = async () => {
  const bytes = Uint8Array.from(atob("${packed}"), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const url = URL.createObjectURL(new Blob([await new Response(stream).arrayBuffer()], { type: "text/javascript" }));
  try { return await import(url); } finally { URL.revokeObjectURL(url); }
};
if (!place.begun) {
  place.begun = true;
  unpack().then(place.take, place.fail);
}
export default (await place.bundle).default;
`;

/**
 * What VIEW-again.js is: the bundle that the page has, or that it is about to have. Where none
 * comes (the page is younger than the view that was sent it), the kernel is asked to send it, and
 * the host then replaces this script.
 */
const asker = (
  key,
) => `${place(key)}const none = new Promise((end) => setTimeout(() => place.begun || end(), 500));
const ask = ({ model }) => {
  try { model.send({ kind: "script" }); } catch { /* no kernel: the static twin is shown */ }
};
export default (await Promise.race([place.bundle, none]))?.default ?? { initialize: ask, render() {} };
`;

await mkdir(out, { recursive: true });
const { outputFiles } = await build({
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
  write: false,
});
for (const { path, contents } of outputFiles) {
  if (!path.endsWith(".js")) {
    await writeFile(path, contents);
    continue;
  }
  const packed = deflateRawSync(contents, { level: 9 }).toString("base64");
  const key = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  await writeFile(path, unpacker(packed, key));
  await writeFile(path.replace(/\.js$/, "-again.js"), asker(key));
}

for (const view of Object.keys(VIEWS)) {
  const [js, css] = await Promise.all(["js", "css"].map((kind) => stat(`${out}/${view}.${kind}`)));
  console.log(
    `${view}: ${(js.size / 1024).toFixed(1)} KiB js, ${(css.size / 1024).toFixed(1)} KiB css`,
  );
}
