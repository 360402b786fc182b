/* global uPlot */
/** The least a live chart can be: uPlot, fed by what is appended. */

function render({ model, el }) {
  const style = document.createElement("style");
  style.textContent = model.get("style");
  el.append(style);
  let data = columnsOf(model.get("begin"));
  const options = { width: 760, height: 262, series: [{}, { stroke: "#06c" }], legend: { show: false } };
  options.scales = { x: { time: false } };
  const plot = new uPlot(options, data, el);
  plot.over.dataset.points = data[0].length;
  model.on("msg:custom", (_content, [buffer]) => {
    const more = columnsOf(buffer);
    data = data.map((column, i) => {
      const longer = new Float64Array(column.length + more[i].length);
      longer.set(column);
      longer.set(more[i], column.length);
      return longer;
    });
    plot.setData(data);
    plot.over.dataset.points = data[0].length;
  });
}

/** Return x and y of a buffer that has all of the one, then all of the other. */
function columnsOf({ buffer, byteOffset, byteLength }) {
  const both = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
}

export default { render };
