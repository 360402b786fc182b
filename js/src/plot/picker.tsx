/** Which fields are drawn: a menu of them, each with a check mark. */
import { Menu, MenuCheck } from "../lib/menu.tsx";
import { Icon } from "../lib/parts.tsx";

interface FieldPickProps {
  fields: readonly string[];
  shown: readonly string[];
  /** Draws these fields; the points come later. */
  onChoose: (fields: readonly string[]) => void;
}

export function FieldPick({ fields, shown, onChoose }: FieldPickProps) {
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
