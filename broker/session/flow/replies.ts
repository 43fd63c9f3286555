import type { MemoryShare } from '../../limits/memory-share.ts';

type Action = () => void;

interface Slot {
  /** Writes the reply; `null` while it is not known yet. */
  action: Action | null;
  /** The memory that it holds while it waits for earlier replies. */
  bytes: number;
}

/** Heap bytes of a reply that waits, besides its texts. */
const REPLY_HEAP_BYTES = 512;

/**
 * Keeps the replies of a session in the order of their frames, whichever is ready first. A session
 * is not read while too many replies wait, so their number is bounded.
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
   * Runs the action once all earlier replies are written; if there are none, at once.
   *
   * @param textBytes the size of the texts that the action holds
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

  /** Reserves a place. The function that is returned fills it, once. */
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
