/** The icons, as shapes in a box of 16 px; drawn with `currentColor`, so they take the tone. */

type Shape = [tag: "circle" | "path" | "rect", attributes: Record<string, string | number>];

const dashedRing: Shape = ["circle", { cx: 8, cy: 8, r: 5.75, "stroke-dasharray": "2.26 2.26" }];
const path = (d: string): Shape => ["path", { d }];
/** What stands in a ring, in one path with it: a table has an icon in each row. */
const ringed = (d = ""): Shape =>
  path(`M8 2.25a5.75 5.75 0 1 1 0 11.5 5.75 5.75 0 0 1 0-11.5Z${d}`);

export const ICONS = {
  initializing: [dashedRing],
  queued: [ringed("M8 4.9V8l2.1 1.5")],
  running: [ringed(), ["circle", { class: "qjw-i-s qjw-pulse", cx: 8, cy: 8, r: 2.6 }]],
  done: [ringed("M5.4 8.3l1.8 1.8 3.5-3.9")],
  cancelled: [ringed("M4.1 11.9 11.9 4.1")],
  cancelling: [dashedRing, path("M4.6 11.4l6.8-6.8")],
  error: [
    ["path", { d: "M8 1.7 14.3 8 8 14.3 1.7 8Z", fill: "currentColor" }],
    ["path", { d: "M8 5v3.3M8 10.7v.1", class: "qjw-i-cut" }],
  ],
  unknown: [ringed()],
  copy: [
    ["rect", { x: 5.5, y: 5.5, width: 7.5, height: 7.5, rx: 1.2 }],
    path("M10.5 3H4.2A1.2 1.2 0 0 0 3 4.2v6.3"),
  ],
  check: [path("M3.6 8.4l3 3 5.8-6.6")],
  stop: [["rect", { x: 4.25, y: 4.25, width: 7.5, height: 7.5, rx: 1 }]],
  key: [["circle", { cx: 5.2, cy: 10.8, r: 2.7 }], path("M7.1 8.9l5.6-5.6M10.6 5.4l1.9 1.9")],
  edit: [path("M3 13l.6-2.6 7.1-7.1 2 2-7.1 7.1L3 13ZM9.3 4.7l2 2")],
  left: [path("M9.5 5l-3 3 3 3")],
  down: [path("M5 6.5l3 3 3-3")],
  right: [path("M6.5 5l3 3-3 3")],
  search: [["circle", { cx: 7, cy: 7, r: 4.25 }], path("M10.2 10.2l3.3 3.3")],
  close: [path("M4.5 4.5l7 7M11.5 4.5l-7 7")],
  open: [path("M6.5 3.5h-3v9h9v-3M9.5 3H13v3.5M13 3 7.75 8.25")],
  save: [path("M8 2.5v7M4.9 6.6 8 9.7l3.1-3.1M3 13h10")],
  more: [3.5, 8, 12.5].map((cx) => ["circle", { class: "qjw-i-s", cx, cy: 8, r: 1.1 }]),
  refresh: [path("M13 8a5 5 0 1 1-1.5-3.6M13 2.2v2.9h-2.9")],
  offline: [path("M2.4 6.3a8.4 8.4 0 0 1 11.2 0M4.7 9a5 5 0 0 1 6.6 0M8 12v.1M3 13.2 13 2.8")],
  bell: [
    path(
      "M3.2 10.4h9.6c-.8-.8-1.2-1.6-1.2-4.2a3.6 3.6 0 0 0-7.2 0c0 2.6-.4 3.4-1.2 4.2ZM6.7 12.7a1.4 1.4 0 0 0 2.6 0",
    ),
  ],
  pause: [path("M5.9 4v8M10.1 4v8")],
  play: [path("M5.5 3.7v8.6L12.2 8Z")],
} satisfies Record<string, Shape[]>;

export type IconName = keyof typeof ICONS;

/** Return the shapes of one icon. */
export function shapesOf(name: IconName): Shape[] {
  return ICONS[name] as Shape[];
}
