/**
 * Runs in JupyterLab before anything else: drives a notebook of one cell through JupyterLab's own
 * API, counts what comes over the kernel's socket, and tells when something is on the screen.
 *
 * A test is looked at in each frame, before the browser paints it, so a change that is found is
 * painted by this very frame: the time taken after it is that of the paint.
 */
const stage = (window.stage = { bytes: 0, messages: 0, longTasks: [], frames: 0 });

window.WebSocket = class extends window.WebSocket {
  constructor(...given) {
    super(...given);
    if (!String(given[0]).includes("/channels")) return;
    this.addEventListener("message", ({ data }) => {
      stage.bytes += data.byteLength ?? data.length;
      stage.messages += 1;
      stage.heard = Date.now();
    });
  }
};

new PerformanceObserver((list) => {
  stage.longTasks.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ type: "longtask" });

const panel = () => window.jupyterapp?.shell.currentWidget;
const kernel = () => panel()?.sessionContext?.session?.kernel;
const cell = () => panel().content.activeCell;

/** Whether the notebook is open and its kernel idle. */
stage.ready = () => kernel()?.status === "idle" && Boolean(panel()?.content?.activeCell);

/** Run code in the cell, as a reader does. */
stage.show = async (code) => {
  cell().model.sharedModel.setSource(code);
  await window.jupyterapp.commands.execute("notebook:run-cell");
  const error = cell().model.outputs.toJSON().find((output) => output.output_type === "error");
  if (error) throw new Error(error.traceback.join("\n"));
};

/** Take away what the cell has shown. */
stage.clear = () => cell().outputArea.model.clear();

/** Run code beside the notebook, and return the value of an expression. */
stage.ask = async (code, expression) => {
  const wanted = { value: `__import__("json").dumps(${expression})` };
  const request = { code, store_history: false, user_expressions: wanted };
  const { content } = await kernel().requestExecute(request).done;
  const { value } = content.user_expressions ?? {};
  if (value?.status !== "ok") throw new Error((value ?? content).traceback.join("\n"));
  // the text is Python's notation of a string of JSON
  return JSON.parse(value.data["text/plain"].slice(1, -1).replace(/\\(['\\])/g, "$1"));
};

/** Begin one of these; `ended` tells when it is over, and then `outcome` what came of it. */
stage.begin = (act, given) => {
  stage.ended = false;
  const over = () => {
    stage.ended = true;
  };
  stage.outcome = stage[act](...given);
  stage.outcome.then(over, over);
};

const painted = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(Date.now());
    port2.postMessage(null);
  });

/** Keep the time at which a test holds on the screen. */
stage.watch = (test) => {
  stage.seen = null;
  const look = () => {
    if (!test()) requestAnimationFrame(look);
    else {
      void painted().then((at) => {
        stage.seen = at;
      });
    }
  };
  requestAnimationFrame(look);
};

/** Keep the time at which what is read has changed on the screen. */
stage.watchChange = (read) => {
  const before = read();
  stage.watch(() => read() !== before);
};

/** Count frames, and note when what a selector finds was last painted anew, until `rest`. */
stage.follow = (selector) => {
  let changed = false;
  let going = true;
  stage.frames = 0;
  stage.longTasks = [];
  stage.painted = null;
  const observer = new MutationObserver(() => {
    changed = true;
  });
  const all = { attributes: true, characterData: true, childList: true, subtree: true };
  for (const el of document.querySelectorAll(selector)) observer.observe(el, all);
  const look = () => {
    stage.frames += 1;
    if (changed) {
      changed = false;
      void painted().then((at) => {
        stage.painted = at;
      });
    }
    if (going) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  stage.rest = () => {
    going = false;
    observer.disconnect();
  };
};

/** A number that tells whether a canvas looks otherwise; null while it is blank. */
stage.look = (selector) => {
  const canvas = document.querySelector(selector);
  if (!canvas?.width) return null;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const inks = new Set();
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum = (sum * 31 + data[i]) % 1_000_003;
    inks.add(data[i]);
  }
  // letters have edges in many greys
  return inks.size > 16 ? sum : null;
};
