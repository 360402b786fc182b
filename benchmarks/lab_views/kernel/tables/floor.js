/** The least a live table can be: lines of one height, of which those in sight are in the page. */
const LINE = 24;
const HEIGHT = 400;
const FIELDS = ["status", "id", "program", "backend", "created", "usage", "tags"];

function render({ model, el }) {
  let { total, columns } = model.get("rows");
  const scroller = document.createElement("div");
  const sheet = document.createElement("div");
  scroller.style.cssText = `height: ${HEIGHT}px; overflow: auto; position: relative`;
  sheet.style.height = `${total * LINE}px`;
  scroller.append(sheet);
  el.append(scroller);
  let asked = false;
  const draw = () => {
    const known = columns.id.length;
    const first = Math.max(0, Math.floor(scroller.scrollTop / LINE) - 8);
    const last = Math.min(known, first + HEIGHT / LINE + 16);
    if (last === known && known < total && !asked) {
      asked = true;
      model.send({ kind: "rest" });
    }
    const lines = [];
    for (let i = first; i < last; i++) {
      const line = document.createElement("div");
      line.className = "floor-row";
      line.style.cssText = `position: absolute; top: ${i * LINE}px; display: flex; gap: 16px`;
      for (const field of FIELDS) {
        const cell = document.createElement("span");
        cell.className = `floor-${field}`;
        cell.textContent = columns[field][i];
        line.append(cell);
      }
      lines.push(line);
    }
    sheet.replaceChildren(...lines);
  };
  scroller.addEventListener("scroll", draw);
  model.on("change:rows", () => {
    ({ columns } = model.get("rows"));
    draw();
  });
  model.on("change:patch", () => {
    const { at, ...changed } = model.get("patch");
    for (const [field, values] of Object.entries(changed)) {
      for (const [n, i] of at.entries()) columns[field][i] = values[n];
    }
    draw();
  });
  draw();
}

export default { render };
