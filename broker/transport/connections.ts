export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
}

/** Counts open connections, over all and from one address, of every transport alike. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #perAddress = new Map<string, number>();
  #isClosed = false;
  #total = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** From now on there is room for nobody, until it is said otherwise. */
  close(): void {
    this.#isClosed = true;
  }

  /** There is room again. */
  reopen(): void {
    this.#isClosed = false;
  }

  hasRoomFor(address: string): boolean {
    if (this.#isClosed) return false;
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    const fromThere = this.#perAddress.get(address) ?? 0;
    return this.#total < connectionsMax && fromThere < connectionsPerAddressMax;
  }

  /** Counts one; what is returned takes it off again, once. */
  open(address: string): () => void {
    this.#total += 1;
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#total -= 1;
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    };
  }
}
