/** Which fields are drawn: a menu of them, each with a check mark. */
import { type Cell, useCells } from "../lib/cell.ts";
import { Menu, MenuCheck } from "../lib/menu.tsx";
import { Icon } from "../lib/parts.tsx";

interface FieldPickProps {
  fields: readonly string[];
  /** Those asked for, of which the points may still be on their way. */
  wanted: Cell<readonly string[]>;
  /** Draws these fields; the points come later. */
  onChoose: (fields: readonly string[]) => void;
}

export function FieldPick({ fields, wanted, onChoose }: FieldPickProps) {
  useCells(wanted);
  const shown = wanted.value;
  if (fields.length < 2) return null;
  const text = shown.length === 1 ? shown[0] : `${shown.length} of ${fields.length} fields`;
  const toggle = (name: string): void => {
    const others = shown.filter((other) => other !== name);
    onChoose(others.length === shown.length ? [...shown, name] : others);
  };
  return (
    <Menu
      label={`${shown.length === 1 ? "Fields" : text}: ${shown.join(", ")}`}
      class="qjw-fl qjw-p-fields"
      side="right"
      face={
        <>
          <span class="qjw-clip">{text}</span>
          <Icon name="down" />
        </>
      }
    >
      {() =>
        fields.map((name) => (
          <MenuCheck
            key={name}
            checked={shown.includes(name)}
            // one is always drawn
            disabled={shown.length === 1 && shown[0] === name}
            onToggle={() => toggle(name)}
          >
            {name}
          </MenuCheck>
        ))
      }
    </Menu>
  );
}
