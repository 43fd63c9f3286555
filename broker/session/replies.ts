type Action = () => void;

interface Slot {
  /** `null` until it is known what there is to say. */
  action: Action | null;
}

/**
 * What a session owes its client, in the order of the frames that asked, whatever is ready
 * first. It is no longer read while too many wait, so their number is bounded.
 */
export class Replies {
  readonly #slots: Slot[] = [];

  get length(): number {
    return this.#slots.length;
  }

  /** Runs the action as soon as everything before it was said: often at once. */
  next(action: Action): void {
    this.#slots.push({ action });
    this.#flush();
  }

  /** Keeps a place; what is returned fills it, once. */
  reserve(): (action: Action) => void {
    const slot: Slot = { action: null };
    this.#slots.push(slot);
    return (action) => {
      slot.action = action;
      this.#flush();
    };
  }

  #flush(): void {
    for (let slot = this.#slots[0]; slot?.action; slot = this.#slots[0]) {
      this.#slots.shift();
      slot.action();
    }
  }
}
