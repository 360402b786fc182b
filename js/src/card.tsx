/**
 * JobCard: one job whole. What is known of it stands above; what has to be fetched is in tabs, and
 * fetched when its tab is opened.
 */
import { Card } from "./card/card.tsx";
import { cardTraits } from "./card/model.ts";
import { draw, presentOf } from "./lib/live.ts";
import type { Model } from "./lib/model.ts";
import { define, type View } from "./lib/widget.ts";

function mount(_: unknown, model: Model, view: View): void {
  draw(view, <Card model={model} traits={cardTraits(model)} present={presentOf(model, view)} />);
}

export default define(() => ({ close: () => {} }), mount);
