/** The output of a connection that its peer has yet to take. */
export interface Sending {
  /** Bytes that wait for the peer. */
  readonly bufferedBytes: number;
  /** Changes whenever the peer takes some of the bytes; without meaning while none wait. */
  readonly bytesTaken: number;
}

/** Measures how long a peer has taken none of the bytes that wait for it. It has no timer. */
export class SendProgress {
  #since: number;
  #taken = -1;

  constructor(now: number) {
    this.#since = now;
  }

  /** In ms; 0 if nothing waits, or if the peer took some since the last call. */
  stuckMs(now: number, sending: Sending): number {
    const taken = sending.bufferedBytes === 0 ? -1 : sending.bytesTaken;
    if (taken === -1 || taken !== this.#taken) {
      this.#taken = taken;
      this.#since = now;
    }
    return now - this.#since;
  }
}
