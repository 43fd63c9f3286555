import type { Publication } from '../engine/engine.ts';
import type { Header } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';

/** Creates messages for one session alone: refusals, and first answers to a SUBSCRIBE. */
export class SessionMessages {
  readonly #sessionId: string;
  #last = 0;

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
  }

  /** @param body JSON */
  create(destination: string, body: Buffer, more: readonly Header[] = []): Publication {
    this.#last += 1;
    const id = `${this.#sessionId}-${this.#last}`;
    const headers: Header[] = [...more, [h.CONTENT_TYPE, 'application/json']];
    return { id, destination, message: { headers, body }, offset: null, isEphemeral: false };
  }
}
