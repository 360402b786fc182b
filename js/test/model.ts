/** A model for tests: what the kernel sent, and what the page told it. */
import type { Message, Model } from "../src/lib/model.ts";

export class KernelModel implements Model {
  readonly sent: Message[] = [];
  private listeners = new Map<string, Set<() => void>>();

  constructor(private traits: Record<string, unknown>) {}

  get(name: string): unknown {
    return this.traits[name];
  }
  set(name: string, value: unknown): void {
    this.receive({ [name]: value });
  }
  save_changes(): void {}
  send(content: Message): void {
    this.sent.push(content);
  }
  on(event: string, callback: () => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(callback));
  }
  off(event: string, callback: () => void): void {
    this.listeners.get(event)?.delete(callback);
  }
  /** Change traits as a message from the kernel does. */
  receive(traits: Record<string, unknown>): void {
    this.traits = { ...this.traits, ...traits };
    for (const name of Object.keys(traits)) {
      for (const callback of this.listeners.get(`change:${name}`) ?? []) callback();
    }
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}
