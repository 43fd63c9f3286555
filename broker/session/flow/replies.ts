import type { MemoryShare } from '../../limits/memory-share.ts';

type Action = () => void;

interface Slot {
  /** `null` until it is known what there is to say. */
  action: Action | null;
  /** What it holds in memory, once it has to wait for others. */
  bytes: number;
}

/** What a reply that waits takes on the heap, besides the texts in it. */
const REPLY_HEAP_BYTES = 512;

/**
 * What a session owes its client, in the order of the frames that asked, whatever is ready
 * first. It is no longer read while too many wait, so their number is bounded.
 */
export class Replies {
  readonly #memory: MemoryShare;
  readonly #slots: Slot[] = [];

  constructor(memory: MemoryShare) {
    this.#memory = memory;
  }

  get length(): number {
    return this.#slots.length;
  }

  /**
   * Runs the action as soon as everything before it was said: often at once.
   *
   * @param textBytes of the texts that it holds
   */
  next(action: Action, textBytes = 0): void {
    if (this.#slots.length === 0) {
      action();
      return;
    }
    const bytes = REPLY_HEAP_BYTES + textBytes;
    this.#slots.push({ action, bytes });
    this.#memory.count(bytes);
  }

  /** Keeps a place; what is returned fills it, once. */
  reserve(): (action: Action) => void {
    const slot: Slot = { action: null, bytes: 0 };
    this.#slots.push(slot);
    return (action) => {
      slot.action = action;
      if (this.#slots[0] === slot) this.#flush();
      else {
        slot.bytes = REPLY_HEAP_BYTES;
        this.#memory.count(slot.bytes);
      }
    };
  }

  #flush(): void {
    for (let slot = this.#slots[0]; slot?.action; slot = this.#slots[0]) {
      this.#slots.shift();
      this.#memory.count(-slot.bytes);
      slot.action();
    }
  }
}
