import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createBroker } from '../../broker/broker.ts';
import { FakeClock } from '../support/fake-clock.ts';

const STOP_MS = 5_000;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A client that does not end its side of the connection when the server ends its own. */
async function stubbornClient(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write('CONNECT\naccept-version:1.2\nhost:x\n\n\0');
  await new Promise((resolve) => socket.once('data', resolve));
}

test('a stop waits for clients until its time is up on the clock that the broker was given', async () => {
  const clock = new FakeClock();
  const settings = { engine: 'memory', lingerMs: 60_000, stopMs: STOP_MS, tcpPort: 0 } as const;
  const broker = createBroker(settings, { clock });
  const { tcpPort } = await broker.start();
  await stubbornClient(tcpPort ?? 0);
  let isDrained = false;

  const drained = broker.drain().then(() => {
    isDrained = true;
  });
  clock.advance(STOP_MS - 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDrained).toBe(false);
  clock.advance(1);
  await drained;

  await broker.stop();
});
