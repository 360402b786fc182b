/** A circuit's first layers, drawn from the facts the kernel sends. */
import { count } from "../lib/words.ts";
import type { Circuit, Gate } from "./model.ts";

const STEP = 58;
const WIRE = 34;
const LEFT = 46;
const TOP = 18;
const BOX = 46;

export function CircuitDrawing({ circuit }: { circuit: Circuit }) {
  const width = LEFT + circuit.layers * STEP + (circuit.left_out > 0 ? 40 : 12);
  const height = Math.max(1, circuit.wires.length) * WIRE + 4;
  if (circuit.wires.length === 0) return <p class="qjw-2">This circuit has no instructions.</p>;
  return (
    // too wide for its place it scrolls, also by keys
    <section class="qjw-k-draw" aria-label="Circuit" tabIndex={0}>
      <svg
        class="qjw-k-svg"
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={spoken(circuit)}
      >
        {circuit.wires.map((qubit, i) => (
          <g key={qubit}>
            <path class="qjw-k-wire" d={`M${LEFT - 8} ${at(i)}H${width}`} />
            <text x={LEFT - 14} y={at(i) + 4} text-anchor="end" class="qjw-k-ink">
              q{qubit}
            </text>
          </g>
        ))}
        {circuit.gates.map((gate, i) => (
          <GateShape key={i} gate={gate} />
        ))}
        {circuit.left_out > 0 &&
          circuit.wires.map((qubit, i) => (
            <text key={qubit} x={width - 18} y={at(i) + 4} text-anchor="middle" class="qjw-k-cut">
              ⋯
            </text>
          ))}
      </svg>
    </section>
  );
}

/** What the drawing says, in words. */
function spoken({ num_qubits, layers, left_out, gates }: Circuit): string {
  const first = left_out > 0 ? `, the first ${layers} layers` : "";
  return `Circuit of ${count(num_qubits, "qubit")} with ${count(gates.length + left_out, "instruction")}${first}`;
}

const at = (wire: number): number => TOP + WIRE * wire;
const middle = (gate: Gate): number => LEFT + STEP * gate.layer + STEP / 2;

function GateShape({ gate }: { gate: Gate }) {
  const x = middle(gate);
  const top = at(Math.min(...gate.wires));
  const bottom = at(Math.max(...gate.wires));
  const controls = gate.wires.slice(0, gate.controls);
  const targets = gate.wires.slice(gate.controls);
  if (gate.name === "barrier") {
    return <path class="qjw-k-bar" d={`M${x} ${top - 13}V${bottom + 13}`} />;
  }
  return (
    <g>
      {top !== bottom && <path class="qjw-k-link" d={`M${x} ${top}V${bottom}`} />}
      {controls.map((wire) => (
        <circle key={wire} class="qjw-k-dot" cx={x} cy={at(wire)} r={3.5} />
      ))}
      <Targets gate={gate} targets={targets} x={x} />
    </g>
  );
}

interface TargetsProps {
  gate: Gate;
  targets: number[];
  x: number;
}

function Targets({ gate, targets, x }: TargetsProps) {
  if (gate.controls > 0 && /^c*x$/.test(gate.name)) {
    return targets.map((wire) => <Not key={wire} x={x} y={at(wire)} />);
  }
  if (gate.controls > 0 && /^c*z$/.test(gate.name)) {
    return targets.map((wire) => (
      <circle key={wire} class="qjw-k-dot" cx={x} cy={at(wire)} r={3.5} />
    ));
  }
  if (/^c?swap$/.test(gate.name) && targets.length === 2) {
    return targets.map((wire) => (
      <path
        key={wire}
        class="qjw-k-link"
        d={`M${x - 5} ${at(wire) - 5}l10 10M${x + 5} ${at(wire) - 5}l-10 10`}
      />
    ));
  }
  if (gate.name === "measure") {
    return targets.map((wire) => <Meter key={wire} x={x} y={at(wire)} />);
  }
  return <Box gate={gate} targets={targets} x={x} />;
}

function Not({ x, y }: { x: number; y: number }) {
  return (
    <g>
      <circle class="qjw-k-box" cx={x} cy={y} r={8} />
      <path class="qjw-k-link" d={`M${x - 8} ${y}h16M${x} ${y - 8}v16`} />
    </g>
  );
}

function Meter({ x, y }: { x: number; y: number }) {
  return (
    <g>
      <rect class="qjw-k-box" x={x - 16} y={y - 11} width={32} height={22} rx={2} />
      <path class="qjw-k-link" d={`M${x - 8} ${y + 5}a8 8 0 0 1 16 0M${x} ${y + 4}l5 -9`} />
    </g>
  );
}

/** One box over all wires that the gate is on; those between that it is not on pass behind it. */
function Box({ gate, targets, x }: TargetsProps) {
  const top = at(Math.min(...targets));
  const bottom = at(Math.max(...targets));
  const words = gate.parameters ? `${gate.name}(${gate.parameters})` : gate.name;
  const bare = gate.controls > 0 ? gate.name.replace(/^c+/, "") : gate.name;
  const name = clip(bare, 7) + (gate.partial ? "…" : "");
  const two = gate.parameters !== "";
  const y = (top + bottom) / 2;
  return (
    <g>
      <title>{words}</title>
      <rect
        class="qjw-k-box"
        x={x - BOX / 2}
        y={top - 13}
        width={BOX}
        height={bottom - top + 26}
        rx={2}
      />
      <text x={x} y={two ? y - 1 : y + 4} text-anchor="middle" class="qjw-k-ink">
        {name}
      </text>
      {two && (
        <text x={x} y={y + 9} text-anchor="middle" class="qjw-k-par">
          {clip(gate.parameters, 8)}
        </text>
      )}
    </g>
  );
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
