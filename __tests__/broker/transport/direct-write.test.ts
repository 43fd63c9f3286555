import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { DirectWriter } from '../../../broker/transport/direct-write.ts';
import { writeGathered } from '../../../broker/transport/gather.ts';
import { socketPair } from '../../support/socket-pair.ts';

/** All octets until the other end closes. */
async function received(peer: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of peer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a packet for a socket that has nothing to send', () => {
  test('is in the hands of the system at once', async () => {
    const { peer, socket } = await socketPair();
    const packet = Buffer.from('hello');

    expect(new DirectWriter(socket).write(packet)).toBe(5);
    expect([socket.writableLength, socket.bytesWritten]).toEqual([0, 0]);
    const [chunk]: Buffer[] = await once(peer, 'data');
    expect(chunk?.toString()).toBe('hello');
  });

  test('is in the hands of the system at once in several pieces, too', async () => {
    const { peer, socket } = await socketPair();
    const packet = ['hel', 'l', 'o'].map((piece) => Buffer.from(piece));

    expect(new DirectWriter(socket).writePieces(packet)).toBe(5);
    const [chunk]: Buffer[] = await once(peer, 'data');
    expect(chunk?.toString()).toBe('hello');
  });
});

/** The same octets in three pieces, the first of which may be empty. */
function inPieces(packet: Buffer): Buffer[] {
  const [a, b] = [packet.length >> 3, packet.length >> 1];
  return [packet.subarray(0, a), packet.subarray(a, b), packet.subarray(b)];
}

describe('a packet for a socket that has something to send', () => {
  test('waits behind that where it is gathered', async () => {
    const { peer, socket } = await socketPair();
    const direct = new DirectWriter(socket);
    socket.cork();
    socket.write('1');

    writeGathered(socket, Buffer.from('2'), direct);
    socket.uncork();
    writeGathered(socket, Buffer.from('3'), direct);
    socket.end();

    expect((await received(peer)).toString()).toBe('123');
  });

  test('comes whole and in its place, however slowly the peer reads', async () => {
    const { peer, socket } = await socketPair();
    const direct = new DirectWriter(socket);
    const sent: Buffer[] = [];
    // More than the system takes at once, with a write of the stream in between.
    for (let at = 0; at < 3_000; at += 1) {
      const packet = Buffer.alloc((at * 7_919) % 9_000, `${at} `);
      sent.push(packet);
      if (at % 10 === 3) socket.write(packet);
      else writeGathered(socket, at % 3 === 0 ? inPieces(packet) : packet, direct);
    }
    expect(socket.writableLength).toBeGreaterThan(0);
    const all = received(peer);
    await once(socket, 'drain');
    for (const text of ['and ', 'on']) {
      const packet = Buffer.from(text);
      sent.push(packet);
      writeGathered(socket, packet, direct);
    }
    socket.end();

    expect((await all).equals(Buffer.concat(sent))).toBe(true);
  });
});

describe('a packet of which the system takes a part', () => {
  test.each([1, 2, 3, 50])('comes whole, in %i pieces', async (pieces) => {
    const { peer, socket } = await socketPair();
    const direct = new DirectWriter(socket);
    const all = Array.from({ length: pieces }, (_, at) =>
      Buffer.alloc(Math.ceil((8 << 20) / pieces) + at, `${at} `),
    );
    let left = 0;

    writeGathered(socket, all, direct, () => () => {
      left += 1;
    });
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(left).toBe(0);
    socket.end();

    expect((await received(peer)).equals(Buffer.concat(all))).toBe(true);
    expect(left).toBe(1);
  });
});

describe('a packet is left to the stream', () => {
  test('once the socket is closed: its descriptor may be that of another by then', async () => {
    const { socket } = await socketPair();
    const direct = new DirectWriter(socket);
    socket.destroy();

    expect(direct.write(Buffer.from('too late'))).toBe(0);
  });

  test('if the peer is gone, so that the socket reports the error', async () => {
    const { peer, socket } = await socketPair();
    const direct = new DirectWriter(socket);
    const failed = once(socket, 'error');
    peer.resetAndDestroy();

    // The system may still take the first ones.
    while (direct.write(Buffer.from('x')) > 0) await new Promise(setImmediate);
    writeGathered(socket, Buffer.from('x'), direct);

    const [error]: NodeJS.ErrnoException[] = await failed;
    expect(error?.code).toMatch(/^(EPIPE|ECONNRESET)$/);
  });

  test('under TLS, where octets must not leave as they are', async () => {
    const psk = Buffer.alloc(32, 7);
    const options = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const server = createTlsServer({ ...options, pskCallback: () => psk });
    const secured = once(server, 'secureConnection');
    const { peer } = await socketPair(server, (port) =>
      tlsConnect({
        ...options,
        checkServerIdentity: () => undefined,
        host: '127.0.0.1',
        port,
        pskCallback: () => ({ identity: 'peer', psk }),
      }),
    );
    const [socket]: Socket[] = await secured;
    if (socket === undefined) throw new Error('nobody came');
    const direct = new DirectWriter(socket);

    expect(direct.write(Buffer.from('in the open'))).toBe(0);
    writeGathered(socket, Buffer.from('secret'), direct);
    writeGathered(socket, [Buffer.from(' as'), Buffer.from(' well')], direct);
    socket.end();

    expect((await received(peer)).toString()).toBe('secret as well');
  });
});
