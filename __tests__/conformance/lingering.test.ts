import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { PLAIN } from '../broker/transport/pipe.ts';
import { until } from '../broker/transport/until.ts';
import { frameText } from '../support/frame-text.ts';
import { tcpPortOf } from '../support/start-server.ts';
import { useWire } from './use-wire.ts';

const TOPIC = '/topic/lingering';
const MIB = 1_048_576;
/** More than what the buffers of both ends hold. */
const MESSAGES = 16;

interface LateReader {
  say(octets: string): void;
  pause(): void;
  resume(): void;
  /** All that came so far. */
  octets(): Buffer;
  isEnded(): boolean;
}

const wire = useWire(PLAIN, { lingerMs: 60_000, unsentBytesMax: 64 * MIB });

test.each([
  ['plain WebSocket', overWebSocket],
  ['TCP', overTcp],
])(
  'S14 (STOMP 1.2, "Connection Lingering"): over %s, who reads late gets all that was said',
  async (_name, open) => {
    const reader = await open(wire.url());
    reader.say(frameText('CONNECT', { 'accept-version': '1.2' }));
    reader.say(frameText('SUBSCRIBE', { id: '0', destination: TOPIC, receipt: '1' }));
    await until(() => reader.octets().includes('receipt-id:1\n\n\0'));

    reader.pause();
    const sender = await wire.connect();
    for (let at = 0; at < MESSAGES; at += 1) {
      sender.frame('SEND', { destination: TOPIC, receipt: '2' }, 'x'.repeat(MIB));
      await sender.expectReceipt('2');
    }
    reader.say(frameText('DISCONNECT', { receipt: '3' }));
    await until(() => wire.sessionCount() === 1);
    reader.resume();

    await until(reader.isEnded);
    const octets = reader.octets();
    expect(octets.length).toBeGreaterThan(MESSAGES * MIB);
    expect(octets.subarray(-30).toString()).toContain('RECEIPT\nreceipt-id:3\n\n\0');
  },
);

function overTcp(url: string): Promise<LateReader> {
  const chunks: Buffer[] = [];
  const socket = connect(tcpPortOf(url), '127.0.0.1');
  socket.on('data', (chunk) => chunks.push(chunk));
  const reader: LateReader = {
    say: (octets) => socket.write(octets),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    octets: () => Buffer.concat(chunks),
    isEnded: () => socket.destroyed,
  };
  return new Promise((resolve, reject) => {
    socket.on('connect', () => resolve(reader));
    socket.on('error', reject);
  });
}

function overWebSocket(url: string): Promise<LateReader> {
  const chunks: Buffer[] = [];
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/websc/websocket`);
  webSocket.on('message', (message: Buffer) => chunks.push(message));
  const reader: LateReader = {
    say: (octets) => webSocket.send(octets),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    octets: () => Buffer.concat(chunks),
    isEnded: () => webSocket.readyState === webSocket.CLOSED,
  };
  return new Promise((resolve, reject) => {
    webSocket.on('open', () => resolve(reader));
    webSocket.on('error', reject);
  });
}
