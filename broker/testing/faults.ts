import type { AcceptSession } from '../broker.ts';
import type { Clock } from '../clock.ts';
import type { Accept, Receiver, Transport, WireEncoding } from '../transport/transport.ts';
import { type FaultSwitches, FaultyTransport } from './faulty-transport.ts';
import { TracedEncoding } from './traced-encoding.ts';

/** The connections that a fault affects. */
export interface FaultScope {
  /** The session with this id, which is the `session` header of CONNECTED. Default: all. */
  readonly session?: string;
}

/** Makes a test broker misbehave. Everything else goes on as before. */
export interface Faults {
  /** Loses the next RECEIPTs. The frames that asked for them have taken effect. */
  dropReceipts(count?: number, scope?: FaultScope): void;
  /** Cuts the connection in the middle of the next frame to a client. */
  cutFrame(scope?: FaultScope): void;
  /** Clients stop reading: their output is buffered, up to `unsentBytesMax`. */
  freezeReaders(scope?: FaultScope): void;
  /** Clients read again, from where they stopped. */
  thaw(scope?: FaultScope): void;
  /** Loses all heart-beats of the broker from now on. */
  stopHeartBeats(scope?: FaultScope): void;
  /** Ends the next connections before their first frame. */
  refuseConnects(count?: number): void;
  /** Ends connections as a broken network does, without a close frame. */
  disconnectAll(scope?: FaultScope): void;
  /** Ends all faults. */
  clear(): void;
}

const NOBODY: Receiver = {
  received: () => undefined,
  alive: () => undefined,
  drained: () => undefined,
  finished: () => undefined,
  closed: () => undefined,
};

/** The faults that a test asked for, and the connections that they affect. */
export class PlannedFaults implements Faults {
  readonly #bySession = new Map<string, FaultSwitches>();
  readonly #encodings = new Map<WireEncoding, TracedEncoding>();
  readonly #everyone = noFaults();
  readonly #open = new Set<FaultyTransport>();
  readonly #options: { readonly clock: Clock; readonly lingerMs: number };
  #refusals = 0;

  constructor(options: { readonly clock: Clock; readonly lingerMs: number }) {
    this.#options = options;
  }

  dropReceipts(count = 1, scope: FaultScope = {}): void {
    this.#switchesOf(scope).receipts += count;
  }

  cutFrame(scope: FaultScope = {}): void {
    this.#switchesOf(scope).cuts += 1;
  }

  freezeReaders(scope: FaultScope = {}): void {
    this.#switchesOf(scope).isFrozen = true;
  }

  thaw(scope: FaultScope = {}): void {
    const thawing = scope.session === undefined ? this.#all() : [this.#switchesOf(scope)];
    for (const switches of thawing) switches.isFrozen = false;
    for (const transport of this.#open) transport.thaw();
  }

  stopHeartBeats(scope: FaultScope = {}): void {
    this.#switchesOf(scope).isSilent = true;
  }

  refuseConnects(count = 1): void {
    this.#refusals += count;
  }

  disconnectAll({ session }: FaultScope = {}): void {
    for (const transport of [...this.#open]) {
      if (session === undefined || transport.sessionId === session) transport.cutOff();
    }
  }

  clear(): void {
    Object.assign(this.#everyone, noFaults());
    this.#bySession.clear();
    this.#refusals = 0;
    this.thaw();
  }

  /** Inserts the faults between transports and their sessions. */
  between(accept: AcceptSession): Accept {
    return (transport, handshake) => {
      if (this.#refusals > 0) return this.#refuse(transport);
      const encoding = this.#encodingFor(transport);
      const faulty = new FaultyTransport(transport, encoding, {
        ...this.#options,
        switchesOf: (session) => this.#switchesFor(session),
      });
      this.#open.add(faulty);
      return faulty.carry(accept(faulty, handshake), () => this.#forget(faulty));
    };
  }

  #refuse(transport: Transport): Receiver {
    this.#refusals -= 1;
    queueMicrotask(() => transport.cutOff());
    return NOBODY;
  }

  #forget(transport: FaultyTransport): void {
    this.#open.delete(transport);
    this.#bySession.delete(transport.sessionId);
  }

  /** Shared by all connections of a kind, because routing groups subscribers by encoding. */
  #encodingFor({ encoding }: Transport): TracedEncoding {
    const traced = this.#encodings.get(encoding) ?? new TracedEncoding(encoding);
    this.#encodings.set(encoding, traced);
    return traced;
  }

  #switchesOf({ session }: FaultScope): FaultSwitches {
    if (session === undefined) return this.#everyone;
    const switches = this.#bySession.get(session) ?? noFaults();
    this.#bySession.set(session, switches);
    return switches;
  }

  /** Faults of the session itself come before those of all. */
  #switchesFor(session: string): FaultSwitches[] {
    const own = this.#bySession.get(session);
    return own === undefined ? [this.#everyone] : [own, this.#everyone];
  }

  #all(): FaultSwitches[] {
    return [this.#everyone, ...this.#bySession.values()];
  }
}

function noFaults(): FaultSwitches {
  return { cuts: 0, isFrozen: false, isSilent: false, receipts: 0 };
}
