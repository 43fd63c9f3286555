import { Socket } from 'node:net';
import { packetBytes } from '../../broker/packet.ts';
import type { StompVersion } from '../../broker/stomp/version.ts';
import { PLAIN_DIALECT, sockJsDialect } from '../../broker/transport/dialect.ts';
import { TcpTransport } from '../../broker/transport/tcp-transport.ts';
import type {
  Accept,
  Packet,
  Receiver,
  Transport,
  WireEncoding,
} from '../../broker/transport/transport.ts';
import { startEndpoint } from '../broker/transport/start-endpoint.ts';
import { FakeClock } from './fake-clock.ts';
import { rawHeader, unwrap } from './unwrap.ts';

const ESCAPES: Record<string, string> = { '\\': '\\\\', ':': '\\c', '\n': '\\n', '\r': '\\r' };

/** How each kind of wire carries frames: the very objects that its transports have. */
export async function wireEncodings(): Promise<readonly WireEncoding[]> {
  const tcp = new TcpTransport(new Socket(), { clock: new FakeClock(), lingerMs: 0 });
  const { recorders, url } = await startEndpoint();
  await (await fetch(`${url}/websc/000/somebody/xhr`, { method: 'POST' })).text();
  const http = recorders[0]?.transport;
  if (http === undefined) throw new Error('SockJS opened no session');
  return [PLAIN_DIALECT, sockJsDialect(), tcp, http].map(({ encoding }) => encoding);
}

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

export interface Terms {
  readonly ack?: string;
  readonly destination: string;
  /** `null`: none is given, as 1.0 allows. */
  readonly id: string | null;
  readonly prefetch?: string;
  readonly start?: string;
}

/** A client in memory, whose wire carries frames as a real one does. */
export class WireClient implements Transport {
  readonly encoding: WireEncoding;
  readonly isBrowser = false;
  readonly isMidMessage = false;
  readonly isProbing = false;
  readonly bytesIn = 0;
  readonly bytesTaken = 0;
  /** What was written to it, as it is: some of it is written to others as well. */
  readonly packets: Packet[] = [];
  readonly peer = 'memory';
  /** What it seems to have unsent when it has nothing unsent; -1: it takes anything at once. */
  readonly #floor: number;
  readonly #receiver: Receiver;
  readonly #version: StompVersion;
  #unsent = 0;
  closedWith: string | null = null;
  packetsOut = 0;

  /** Connected, as the user `ada`. */
  constructor(accept: Accept, encoding: WireEncoding, version: StompVersion, floor = -1) {
    this.encoding = encoding;
    this.#floor = floor;
    this.#version = version;
    this.#receiver = accept(this, { headers: {}, url: '' });
    this.frame('CONNECT', [['login', 'ada'], ...given('accept-version', version)]);
  }

  // What the broker does with it.

  get bufferedBytes(): number {
    return this.#floor === -1 ? 0 : this.#floor + this.#unsent;
  }

  write(packet: Packet): void {
    if (this.closedWith !== null) return;
    this.packetsOut += 1;
    this.#unsent += packetBytes(packet);
    this.packets.push(packet);
  }

  close(_code: number, reason: string): void {
    this.closedWith ??= reason;
  }

  cutOff(): void {
    this.close(1006, '');
  }

  pause(): void {}

  resume(): void {}

  // What the test does.

  subscribe({ ack, destination, id, prefetch, start }: Terms): void {
    this.frame('SUBSCRIBE', [
      ['destination', destination],
      ['receipt', 'subscribed'],
      ...given('id', id),
      ...given('ack', ack),
      ...given('prefetch-count', prefetch),
      ...given('x-stream-offset', start),
    ]);
  }

  send(destination: string, headers: HeaderPairs, body: Uint8Array): void {
    this.frame('SEND', [['destination', destination], ...headers], body);
  }

  unsubscribe({ destination, id }: Pick<Terms, 'destination' | 'id'>): void {
    this.frame('UNSUBSCRIBE', id === null ? [['destination', destination]] : [['id', id]]);
  }

  /** Acknowledges a MESSAGE by the names that it came with, as they stand on the wire. */
  acknowledge(message: string): void {
    const names = this.#version === '1.2' ? ['ack'] : ['subscription', 'message-id'];
    const lines = names.flatMap((name) => {
      const value = rawHeader(message, name);
      return value === undefined ? [] : [`${name === 'ack' ? 'id' : name}:${value}\n`];
    });
    this.#receiver.received(Buffer.from(`ACK\n${lines.join('')}\n\0`, 'latin1'));
  }

  frame(command: string, headers: HeaderPairs, body: Uint8Array = Buffer.alloc(0)): void {
    const all =
      body.length > 0 ? [...headers, ...given('content-length', `${body.length}`)] : headers;
    const lines = all.map(([name, value]) => `${this.#escaped(name)}:${this.#escaped(value)}\n`);
    const head = Buffer.from(`${command}\n${lines.join('')}\n`);
    this.#receiver.received(Buffer.concat([head, body, Buffer.from('\0')]));
  }

  /** What it has unsent has left. */
  drain(): void {
    if (this.#floor === -1 || this.#unsent === 0) return;
    this.#unsent = 0;
    this.#receiver.drained();
  }

  /** The connection is gone. */
  lose(): void {
    this.#receiver.closed();
  }

  /** All frames that were written to it, but for those of the first so many packets. */
  frames(from = 0): string[] {
    return unwrap(this.encoding.name, this.packets.slice(from));
  }

  messages(from = 0): string[] {
    return this.frames(from).filter((frame) => frame.startsWith('MESSAGE\n'));
  }

  #escaped(text: string): string {
    if (this.#version === '1.0') return text;
    const special = this.#version === '1.1' ? /[\\:\n]/g : /[\\:\n\r]/g;
    return text.replace(special, (character) => ESCAPES[character] ?? character);
  }
}

function given(name: string, value: string | null | undefined): [string, string][] {
  return value === null || value === undefined ? [] : [[name, value]];
}
