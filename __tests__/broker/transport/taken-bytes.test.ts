import { describe, expect, test } from '@jest/globals';
import { takenBytes } from '../../../broker/transport/taken-bytes.ts';
import { socketPair } from '../../support/socket-pair.ts';
import { until } from './until.ts';

describe('the bytes that were taken from a socket', () => {
  test('stand still while its peer does not read, however much is written', async () => {
    const { socket } = await socketPair();
    socket.write(Buffer.alloc(32 << 20));
    let before = -1;
    await until(() => {
      const is = before === takenBytes(socket);
      before = takenBytes(socket);
      return is;
    });

    socket.write(Buffer.alloc(1 << 20));

    expect(takenBytes(socket)).toBe(before);
    expect(before).toBeLessThan(32 << 20);
  });

  test('grow in the middle of a write, as soon as its peer reads some', async () => {
    const { peer, socket } = await socketPair();
    socket.write(Buffer.alloc(64 << 20));
    await new Promise((resolve) => setImmediate(resolve));
    const before = takenBytes(socket);

    let read = 0;
    peer.on('data', ({ length }) => {
      read += length;
      if (read > 8 << 20) peer.pause();
    });
    await until(() => takenBytes(socket) > before);

    expect(socket.writableLength).toBe(64 << 20);
  });

  test('are all that was written, once nothing waits', async () => {
    const { peer, socket } = await socketPair();
    peer.resume();

    await new Promise<void>((resolve) => {
      socket.write(Buffer.alloc(1 << 20), () => resolve());
    });

    expect(takenBytes(socket)).toBe(1 << 20);
  });
});
