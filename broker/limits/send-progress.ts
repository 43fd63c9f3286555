/** Towards a peer. */
export interface Sending {
  /** Bytes that wait for it. */
  readonly bufferedBytes: number;
  /** Changes whenever the peer takes some of what waits; it means nothing where nothing waits. */
  readonly bytesTaken: number;
}

/** How long a peer has taken nothing of what waits for it. It holds no timer; whoever looks asks. */
export class SendProgress {
  #since: number;
  #taken = -1;

  constructor(now: number) {
    this.#since = now;
  }

  /** In ms; 0 where nothing waits, or where some was taken since the last look. */
  stuckMs(now: number, sending: Sending): number {
    const taken = sending.bufferedBytes === 0 ? -1 : sending.bytesTaken;
    if (taken === -1 || taken !== this.#taken) {
      this.#taken = taken;
      this.#since = now;
    }
    return now - this.#since;
  }
}
