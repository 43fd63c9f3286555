// Plays what clients and the server do in a broker (any-scene.ts), and knows what each client got.

import { expect } from '@jest/globals';
import { type Broker, createBroker } from '../../broker/broker.ts';
import type { WireEncoding } from '../../broker/transport/transport.ts';
import { ROOMS, type Saying, type Seat, type Step, TARGETS } from './any-scene.ts';
import { FakeClock } from './fake-clock.ts';
import { turns } from './turns.ts';
import { linesOf, rawHeader } from './unwrap.ts';
import { type HeaderPairs, type Terms, WireClient } from './wire-client.ts';

const TAKE_BYTES = 64 * 1_024;

const ELSEWHERE = '/topic/elsewhere';

export const TALKER: Seat = {
  ack: 'client',
  id: 'own',
  place: ELSEWHERE,
  version: '1.2',
  waits: false,
  window: '0',
  wire: 0,
};

interface Where extends Pick<Broker, 'accept'> {
  readonly encodings: readonly WireEncoding[];
}

/** A client with one subscription. */
export class Member {
  readonly client: WireClient;
  readonly seat: Seat;
  readonly terms: Terms;
  #acknowledged = 0;
  /** How many MESSAGEs it had when it left. */
  #leftAt: number | null = null;

  constructor(where: Where, seat: Seat, more: Partial<Terms> = {}, roomBytes?: number | null) {
    const encoding = where.encodings[seat.wire];
    if (encoding === undefined) throw new Error('there is no such wire');
    const floor = typeof roomBytes === 'number' ? TAKE_BYTES - roomBytes : -1;
    this.client = new WireClient(where.accept, encoding, seat.version, floor);
    this.seat = seat;
    this.terms = { destination: seat.place, id: seat.id, ...more };
    if (seat.waits) this.client.send(ELSEWHERE, [['receipt', 'said']], Buffer.from('wait'));
    this.client.subscribe(this.terms);
  }

  get hasLeft(): boolean {
    return this.#leftAt !== null;
  }

  /** Its MESSAGEs without what only those get who acknowledge. */
  get messages(): string[] {
    const messages = this.client.messages();
    if (this.#leftAt !== null) expect(messages).toHaveLength(this.#leftAt);
    else expect(this.client.closedWith).toBeNull();
    return messages.map((one) => this.#withoutAck(one));
  }

  /** Those that nobody who is slow misses. */
  get lasting(): string[] {
    return this.messages.filter((frame) => rawHeader(frame, 'x-ephemeral') === undefined);
  }

  /** The first position that it is to get, as its SUBSCRIBE and its RECEIPT say. */
  get start(): number {
    const receipt = this.client.frames().find((frame) => frame.includes('\nx-recovered:'));
    const head = Number(rawHeader(receipt ?? '', 'x-stream-offset'));
    const [form = '', count] = (this.terms.start ?? 'next').split('=');
    if (form === 'first') return 1;
    if (form === 'last') return Math.max(1, head - Number(count) + 1);
    return form === 'offset' ? Math.min(head + 1, Number(count)) : head + 1;
  }

  /** Reads what there is, and acknowledges it if its window is small. */
  goOn(): void {
    if (this.hasLeft) return;
    this.client.drain();
    if (this.terms.ack === undefined || this.terms.prefetch === '0') return;
    const from = this.#acknowledged;
    this.#acknowledged = this.client.packets.length;
    const messages = this.client.messages(from);
    for (const message of this.terms.ack === 'client' ? messages.slice(-1) : messages) {
      this.client.acknowledge(message);
    }
  }

  leave(how: 'lost' | 'unsubscribes'): void {
    if (this.hasLeft) return;
    if (how === 'lost') this.client.lose();
    else this.client.unsubscribe(this.terms);
    this.#leftAt = this.client.messages().length;
  }

  #withoutAck(frame: string): string {
    const acks = linesOf(frame).filter((line) => line.startsWith('ack:'));
    const asks = this.terms.ack !== undefined && this.seat.version === '1.2';
    expect(acks).toHaveLength(asks ? 1 : 0);
    return asks ? frame.replace(`\n${acks[0]}\n`, '\n') : frame;
  }
}

/** A member that shares bytes, and one in the same place that is served by itself. */
export interface Pair {
  readonly shares: Member;
  readonly acks: Member;
}

export class Scene {
  readonly #broker = createBroker(
    {
      chatRate: 0,
      engine: 'memory',
      takeBytes: TAKE_BYTES,
      trustLogin: true,
      // However slow, nobody is shed.
      unsentBytesMax: 1_024 ** 3,
    },
    { clock: new FakeClock() },
  );
  readonly joined: Pair[] = [];
  readonly live: Pair[] = [];
  readonly #published: Promise<unknown>[] = [];
  readonly #seats: readonly Seat[];
  readonly #where: Where;
  #talker: WireClient | null = null;

  constructor(seats: readonly Seat[], encodings: readonly WireEncoding[]) {
    this.#seats = seats;
    this.#where = { accept: this.#broker.accept, encodings };
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.#broker.start();
    this.#talker = new Member(this.#where, TALKER).client;
    this.live.push(...this.#seats.map((seat) => this.#pair(seat)));
    for (const room of ROOMS) this.#chat(room, 'ENTER', []);
    this.#sayEverywhere();
    await turns();
    for (const step of steps) await this.#take(step);
    await this.settle();
    // By now those who came late are among the others, or join them; nobody does who has left.
    for (const leaver of [null, this.joined[0], this.joined[1]]) {
      leaver?.acks.leave('unsubscribes');
      leaver?.shares.leave('unsubscribes');
      this.#sayEverywhere();
      await this.settle();
    }
  }

  /** In this seat, after everything that was said: alone, after another, and with a slow socket. */
  async comeLate(at: number): Promise<void> {
    for (const roomBytes of [null, null, 500]) {
      this.#join(at, 'first', roomBytes);
      await this.settle();
    }
  }

  /** Goes on until nobody is written to any more. */
  async settle(): Promise<void> {
    const members = [...this.live, ...this.joined].flatMap(({ acks, shares }) => [acks, shares]);
    const written = () => members.reduce((sum, { client }) => sum + client.packetsOut, 0);
    for (let [quiet, before] = [0, -1]; quiet < members.length + 3; quiet += 1) {
      for (const member of members) member.goOn();
      await turns(1);
      if (written() !== before) quiet = 0;
      before = written();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#published);
    expect(this.#talker?.closedWith).toBeNull();
    await this.#broker.stop();
  }

  async #take(step: Step): Promise<void> {
    switch (step.type) {
      case 'say':
        for (let said = 0; said < step.count; said += 1) this.#say(step);
        return;
      case 'turn':
        await turns(1);
        for (const { acks, shares } of [...this.live, ...this.joined]) {
          acks.goOn();
          shares.goOn();
        }
        return;
      case 'join':
        this.#join(step.seat, step.start, step.roomBytes);
        return;
      case 'leave': {
        const pair = this.joined[step.who];
        pair?.acks.leave(step.how);
        pair?.shares.leave(step.how);
      }
    }
  }

  #join(at: number, start: string, roomBytes: number | null): void {
    const seat = this.#seats[at];
    if (seat === undefined) return;
    const isKept = ROOMS.includes(seat.place);
    this.joined.push(this.#pair(seat, isKept ? { start } : {}, roomBytes));
  }

  #pair(seat: Seat, terms: Partial<Terms> = {}, roomBytes: number | null = null): Pair {
    const asking = { ...terms, ack: seat.ack, prefetch: seat.window };
    return {
      shares: new Member(this.#where, seat, terms, roomBytes),
      acks: new Member(this.#where, seat, asking, roomBytes),
    };
  }

  #say({ body, headers, isEphemeral, isSent, target }: Saying): void {
    const all = isEphemeral ? [...headers, ['x-ephemeral', 'true'] as const] : headers;
    // A NUL in a header is an error of the client's.
    const sayable = (some: HeaderPairs) => some.filter(([name]) => !name.includes('\0'));
    if (!isSent) {
      this.#published.push(this.#broker.publish(target, body, Object.fromEntries(all)));
    } else if (ROOMS.includes(target)) this.#chat(target, 'TALK', sayable(headers));
    else this.#talker?.send(target, sayable(all), body);
  }

  #sayEverywhere(): void {
    for (const target of TARGETS) this.#published.push(this.#broker.publish(target, 'everywhere'));
  }

  #chat(room: string, type: 'ENTER' | 'TALK', headers: HeaderPairs): void {
    const roomId = room.slice(room.lastIndexOf('/') + 1);
    const body = JSON.stringify({ type, roomId, sender: 'Ada', message: 'ä "quoted" \n text' });
    this.#talker?.send('/app/chat/message', headers, Buffer.from(body));
  }
}
