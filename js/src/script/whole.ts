/** What the first view of a kind is sent as its script: the bundle, packed. See build.mjs. */
import { type Bundle, place } from "./place.ts";

/** The deflated bundle in base64, which the build puts in. */
declare const PACKED: string;

async function unpack(): Promise<Bundle> {
  const bytes = Uint8Array.from(atob(PACKED), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const script = new Blob([await new Response(stream).arrayBuffer()], { type: "text/javascript" });
  const url = URL.createObjectURL(script);
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

if (!place.begun) {
  place.begun = true;
  unpack().then(place.take, place.fail);
}

export default (await place.bundle).default;
