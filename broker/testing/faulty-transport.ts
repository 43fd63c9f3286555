import type { Clock } from '../clock.ts';
import { packetBytes } from '../packet.ts';
import type { Session } from '../session/session.ts';
import { EOL } from '../stomp/encoder.ts';
import type { Packet, Receiver, Transport } from '../transport/transport.ts';
import type { TracedEncoding } from './traced-encoding.ts';

/** Active faults of one session or of all. Counts go down as the faults happen. */
export interface FaultSwitches {
  cuts: number;
  isFrozen: boolean;
  isSilent: boolean;
  receipts: number;
}

export interface FaultyTransportOptions {
  readonly clock: Clock;
  /** Time after which a closing connection that does not read is cut off. */
  readonly lingerMs: number;
  readonly switchesOf: (sessionId: string) => readonly FaultSwitches[];
}

const RECEIPT = Buffer.from('RECEIPT\n');

/** A transport that applies faults to the output of its session. */
export class FaultyTransport implements Transport {
  readonly encoding: TracedEncoding;
  packetsOut = 0;
  sessionId = '';
  readonly #options: FaultyTransportOptions;
  readonly #transport: Transport;
  #isOver = false;
  /** Output for a client that is frozen. */
  #pile: (() => void)[] = [];
  #piledBytes = 0;
  #receiver: Receiver | null = null;

  constructor(transport: Transport, encoding: TracedEncoding, options: FaultyTransportOptions) {
    this.#transport = transport;
    this.encoding = encoding;
    this.#options = options;
  }

  gather(): void {
    this.#transport.gather?.();
  }

  get bufferedBytes(): number {
    return this.#piledBytes + this.#transport.bufferedBytes;
  }

  get bytesTaken(): number {
    return this.#transport.bytesTaken;
  }

  get bytesIn(): number {
    return this.#transport.bytesIn;
  }

  get isBrowser(): boolean {
    return this.#transport.isBrowser;
  }

  get isMidMessage(): boolean {
    return this.#transport.isMidMessage;
  }

  get midMessageBytes(): number {
    return this.#transport.midMessageBytes ?? 0;
  }

  get isProbing(): boolean {
    return this.#transport.isProbing;
  }

  get peer(): string {
    return this.#transport.peer;
  }

  /** The receiver for the transport: the session, but `onClosed` runs before its `closed`. */
  carry(session: Session, onClosed: () => void): Receiver {
    this.sessionId = session.id;
    this.#receiver = session;
    return {
      received: (chunk) => session.received(chunk),
      alive: () => session.alive(),
      drained: () => session.drained(),
      finished: () => session.finished(),
      closed: () => {
        this.#isOver = true;
        this.#dropPile();
        onClosed();
        session.closed();
      },
    };
  }

  write(packet: Packet): void {
    if (this.#isOver) return;
    this.packetsOut += 1;
    const frames = this.encoding.framesOf(packet);
    const kept = frames.filter((frame) => !this.#isLost(frame));
    const [first] = kept;
    if (first === undefined) return;
    if (!first.equals(EOL) && this.#takes('cuts')) {
      this.#isOver = true;
      this.#pass(this.encoding.wrap([firstHalf(first)]));
      this.#inTurn(0, () => this.#transport.cutOff());
    } else this.#pass(kept.length === frames.length ? packet : this.encoding.wrap(kept));
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const wasFrozen = this.#isFrozen;
    this.#inTurn(0, () => this.#transport.close(code, reason));
    // A client that does not read does not answer the close frame either.
    if (wasFrozen) this.#options.clock.after(this.#options.lingerMs, () => this.#giveUp());
  }

  cutOff(): void {
    this.#isOver = true;
    this.#dropPile();
    this.#transport.cutOff();
  }

  letIn(): void {
    this.#transport.letIn?.();
  }

  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  /** Writes the buffered output, if the client reads again. */
  thaw(): void {
    if (this.#isFrozen || this.#pile.length === 0) return;
    for (const task of this.#dropPile()) task();
    this.#receiver?.drained();
  }

  get #isFrozen(): boolean {
    return this.#switches.some(({ isFrozen }) => isFrozen);
  }

  get #switches(): readonly FaultSwitches[] {
    return this.#options.switchesOf(this.sessionId);
  }

  #isLost(frame: Buffer): boolean {
    if (frame.equals(EOL)) return this.#switches.some(({ isSilent }) => isSilent);
    return frame.subarray(0, RECEIPT.length).equals(RECEIPT) && this.#takes('receipts');
  }

  /** True if a fault of this kind is due, which then counts as happened. */
  #takes(what: 'cuts' | 'receipts'): boolean {
    const switches = this.#switches.find((one) => one[what] > 0);
    if (switches === undefined) return false;
    switches[what] -= 1;
    return true;
  }

  #pass(packet: Packet): void {
    this.#inTurn(packetBytes(packet), () => this.#transport.write(packet));
  }

  #inTurn(bytes: number, task: () => void): void {
    if (!this.#isFrozen) {
      task();
      return;
    }
    this.#pile.push(task);
    this.#piledBytes += bytes;
  }

  #dropPile(): (() => void)[] {
    const pile = this.#pile;
    this.#pile = [];
    this.#piledBytes = 0;
    return pile;
  }

  #giveUp(): void {
    if (this.#pile.length > 0) this.cutOff();
  }
}

/** Cuts between characters, because a WebSocket must refuse text that is not UTF-8. */
function firstHalf(frame: Buffer): Buffer {
  let end = Math.max(1, frame.length >> 1);
  while (end > 1 && ((frame[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return frame.subarray(0, end);
}
