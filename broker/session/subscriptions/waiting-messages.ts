import { octetsOf } from '../../../shared/octets.ts';
import type { Publication } from '../../engine/engine.ts';
import { Fifo } from '../../routing/fifo.ts';
import type { SessionOutput } from '../flow/session-output.ts';

/** Heap bytes of a waiting message besides its octets. */
const OVERHEAD_BYTES = 512;

/**
 * Messages of one subscription that wait until they may be delivered, in order. They count towards
 * what the session may have unsent, and in the memory budget.
 */
export class WaitingMessages {
  readonly #messages = new Fifo<Publication>();
  readonly #output: SessionOutput;

  constructor(output: SessionOutput) {
    this.#output = output;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  push(publication: Publication): void {
    const weight = weightOf(publication);
    this.#messages.push(publication);
    this.#output.hold(weight);
    this.#output.unsent.holdPiece(publication.message, weight);
  }

  /** Puts a message ahead of all others, which costs as much as there are. */
  putFirst(publication: Publication): void {
    const others: Publication[] = [];
    for (let next = this.shift(); next !== undefined; next = this.shift()) others.push(next);
    this.push(publication);
    for (const other of others) this.push(other);
  }

  shift(): Publication | undefined {
    const publication = this.#messages.shift();
    if (publication === undefined) return undefined;
    const weight = weightOf(publication);
    this.#output.release(weight);
    this.#output.unsent.releasePiece(publication.message, weight);
    return publication;
  }

  clear(): void {
    while (this.shift() !== undefined);
  }
}

function weightOf({ message }: Publication): number {
  return OVERHEAD_BYTES + octetsOf(message);
}
