import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Connection, createServer as createSockJs } from 'sockjs';
import {
  closeConnection,
  endSession,
  internalsOf,
} from '../../../../broker/transport/sockjs/sockjs-internals.ts';
import { ask, open } from '../raw-http.ts';

// Directly on the package, without a broker: fails when the package is built differently.

let http: Server;
let connection: Promise<Connection>;
let session: string;

beforeEach(async () => {
  const sockJs = createSockJs({ prefix: '/x', log: () => undefined });
  connection = new Promise((resolve) => sockJs.once('connection', resolve));
  http = createServer();
  sockJs.installHandlers(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  session = `http://127.0.0.1:${port}/x/000/${port}`;
});

afterEach(async () => {
  const closed = new Promise((resolve) => http.close(resolve));
  http.closeAllConnections();
  await closed;
});

const poll = () => ask(`${session}/xhr`, { method: 'POST' });

describe('the internals of sockjs', () => {
  test('messages wait in a list while no request is open, and a new list begins after', async () => {
    await poll();
    const opened = await connection;

    expect(opened.write('one')).toBe(true);
    opened.write('two');
    const { response, waiting } = internalsOf(opened);
    expect(response).toBeNull();
    expect(waiting).toEqual(['one', 'two']);
    await poll();

    expect(internalsOf(opened).waiting).toEqual([]);
    expect(internalsOf(opened).waiting).not.toBe(waiting);
    endSession(opened);
  });

  test('the response of an open request is there, and says what it has not sent', async () => {
    const streaming = await open(`${session}/xhr_streaming`, { method: 'POST' });
    const opened = await connection;

    const { response, waiting } = internalsOf(opened);

    expect(response?.writableLength).toBeGreaterThanOrEqual(0);
    expect(waiting).toEqual([]);
    streaming.destroy();
    await new Promise((resolve) => opened.once('close', resolve));
  });

  test('a connection is closed with a code that is a number', async () => {
    await poll();
    const opened = await connection;

    closeConnection(opened, 4000, 'SLOW_CONSUMER');

    expect((await poll()).text).toBe('c[4000,"SLOW_CONSUMER"]\n');
    endSession(opened);
  });

  test.each(['open', 'closing'])('a session that is %s ends at once', async (state) => {
    await poll();
    const opened = await connection;
    if (state === 'closing') opened.close();
    let closes = 0;
    opened.on('close', () => {
      closes += 1;
    });

    endSession(opened);

    expect(closes).toBe(1);
    expect(opened.readyState).toBe(3);
  });

  test('a connection of another build is not taken for one', async () => {
    await poll();
    const opened = await connection;
    const other = Object.create(opened, { _session: { value: { queue: [] } } });

    expect(() => internalsOf(other)).toThrow('not the version');
    expect(() => endSession(other)).toThrow('not the version');
    endSession(opened);
  });
});
