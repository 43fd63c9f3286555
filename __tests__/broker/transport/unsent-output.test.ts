import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { UnsentPackets } from '../../../broker/limits/unsent-packets.ts';
import { TcpTransport } from '../../../broker/transport/tcp-transport.ts';
import type { Transport } from '../../../broker/transport/transport.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { socketPair } from '../../support/socket-pair.ts';
import { ask, open } from './raw-http.ts';
import { Recorder, startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

/** More than sockets buffer. */
const LARGE = 12 << 20;
const POST = { method: 'POST' };

interface Connection {
  readonly transport: Transport;
  /** The peer reads everything. */
  read(): void;
  /** The server cuts the connection off. */
  cutOff(): void;
}

async function overTcp(unsent: UnsentPackets): Promise<Connection> {
  const { peer, socket } = await socketPair();
  const transport = new TcpTransport(socket, { clock: new FakeClock(), lingerMs: 1, unsent });
  transport.open(new Recorder(transport));
  return { transport, read: () => peer.resume(), cutOff: () => transport.cutOff() };
}

async function overWebSocket(unsent: UnsentPackets): Promise<Connection> {
  const broker = await startEndpoint({ unsent });
  const webSocket = new WebSocket(`ws://127.0.0.1:${broker.port}/websc/websocket`);
  webSocket.on('error', () => undefined);
  await once(webSocket, 'open');
  webSocket.pause();
  const [recorder] = broker.recorders;
  if (recorder === undefined) throw new Error('nobody came');
  const { transport } = recorder;
  return { transport, read: () => webSocket.resume(), cutOff: () => broker.endpoint.stop() };
}

/** Packets as routing makes them: small, large in one piece, and large in several. */
function packetsFor({ encoding }: Transport) {
  const tail = encoding.prepare('\n', Buffer.alloc(LARGE, 'x'));
  const large = encoding.join([{ head: 'a:b\n', tail }]);
  return [large, encoding.wrap([Buffer.alloc(20_000, 'y')]), encoding.wrap([Buffer.from('z\0')])];
}

describe.each([
  ['TCP', overTcp],
  ['a WebSocket', overWebSocket],
])('unsent output of %s', (_name, connect) => {
  test('is counted until it has left', async () => {
    const unsent = new UnsentPackets();
    const { read, transport } = await connect(unsent);

    for (const packet of packetsFor(transport)) transport.write(packet);
    const waiting = unsent.bytes;
    read();

    expect(waiting).toBeGreaterThan(LARGE);
    await until(() => unsent.bytes === 0);
    expect(transport.bufferedBytes).toBe(0);
  });

  test('is counted no more when the connection is cut off', async () => {
    const unsent = new UnsentPackets();
    const { cutOff, transport } = await connect(unsent);
    for (let round = 0; round < 3; round += 1) {
      for (const packet of packetsFor(transport)) transport.write(packet);
    }

    cutOff();

    await until(() => unsent.bytes === 0);
  });

  test('is counted once for all connections that wait with it', async () => {
    const unsent = new UnsentPackets();
    const [one, other] = [await connect(unsent), await connect(unsent)];
    const [packet = ''] = packetsFor(one.transport);

    for (const { transport } of [one, other]) transport.write(packet);

    expect(unsent.bytes).toBeGreaterThan(LARGE);
    expect(unsent.bytes).toBeLessThan(1.5 * LARGE);
  });

  test('is not counted where the system takes it at once', async () => {
    const unsent = new UnsentPackets();
    const { transport } = await connect(unsent);

    transport.write(transport.encoding.wrap([Buffer.from('hello\0')]));

    expect(unsent.bytes).toBe(0);
  });
});

describe('unsent output of a polling client', () => {
  test('is counted until it was fetched', async () => {
    const unsent = new UnsentPackets();
    const { recorders, url } = await startEndpoint({ unsent });
    await ask(`${url}/websc/000/reader/xhr`, POST);

    for (let message = 0; message < 3; message += 1) recorders[0]?.write('x'.repeat(10_000));
    const waiting = unsent.bytes;
    await ask(`${url}/websc/000/reader/xhr`, POST);

    expect(waiting).toBeGreaterThan(10_000);
    await until(() => unsent.bytes === 0);
  });

  test('is counted in a response that is not read, and no more when that is gone', async () => {
    const unsent = new UnsentPackets();
    const { recorders, url } = await startEndpoint({ unsent });
    const response = await open(`${url}/websc/000/reader/xhr_streaming`, POST);

    recorders[0]?.write('x'.repeat(LARGE));
    const waiting = unsent.bytes;
    response.destroy();

    expect(waiting).toBeGreaterThan(LARGE / 2);
    await until(() => unsent.bytes === 0);
  });

  test('is counted no more when the session is cut off', async () => {
    const unsent = new UnsentPackets();
    const { endpoint, recorders, url } = await startEndpoint({ unsent });
    await ask(`${url}/websc/000/reader/xhr`, POST);
    recorders[0]?.write('x'.repeat(10_000));

    endpoint.stop();

    expect(unsent.bytes).toBe(0);
  });
});
