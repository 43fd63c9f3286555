import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ReadTurns } from '../../../broker/transport/read-pieces.ts';
import { ResponseTurns, type TurnLimits } from '../../../broker/transport/response-turns.ts';
import { until } from './until.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const gets = (count: number) => Array.from({ length: count }, (_, at) => get(`/${at}`)).join('');
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A server whose handler gets one request of a connection at a time. */
async function startTurns(handler: Handler, limits?: TurnLimits) {
  const open = { most: 0, now: 0, taken: [] as string[] };
  const reads = new ReadTurns({ monotonic: () => 0 });
  const turns = new ResponseTurns(
    (request, response) => {
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      open.taken.push(request.url ?? '');
      response.once('close', () => {
        open.now -= 1;
      });
      handler(request, response);
    },
    reads,
    limits,
  );
  const http = createServer((request, response) => turns.take(request, response));
  http.on('connection', (socket) => turns.add(socket));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closers.push(() => {
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dial = () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    closers.push(() => socket.destroy());
    return { answers: bodiesOf(socket), socket };
  };
  return { dial, open, turns };
}

/** The bodies of the responses, each a line. */
function bodiesOf(socket: Socket): () => string[] {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  return () => text.split('\r\n').filter((line) => line.startsWith('='));
}

const echo: Handler = (request, response) => response.end(`=${request.url}\r\n`);

/** A handler that answers in a later turn, once the body is complete. */
const late: Handler = (request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => setImmediate(() => response.end(`=${request.url}${body}\r\n`)));
};

describe('requests that a client sends at once', () => {
  test.each([
    ['at once', echo],
    ['later', late],
  ])('are handled one at a time, in order, where each is answered %s', async (_when, handler) => {
    const { dial, open, turns } = await startTurns(handler);
    const { answers, socket } = dial();

    socket.write(gets(200));
    await until(() => answers().length === 200);

    expect(open.most).toBe(1);
    expect(answers()).toEqual(Array.from({ length: 200 }, (_, at) => `=/${at}`));
    expect(turns.held).toBe(0);
    socket.write(get('/again'));
    await until(() => answers().at(-1) === '=/again');
  });

  test('wait while the response before them is open', async () => {
    const responses: ServerResponse[] = [];
    const { dial, open, turns } = await startTurns((_request, response) => {
      responses.push(response);
    });
    const { answers, socket } = dial();

    socket.write(gets(3));
    await until(() => turns.held === 2);
    expect(open.taken).toEqual(['/0']);
    responses[0]?.end('=first\r\n');
    await until(() => responses.length === 2);

    expect(answers()).toEqual(['=first']);
    expect(turns.held).toBe(1);
  });

  test('do not keep those of another connection waiting', async () => {
    const { dial, turns } = await startTurns((request, response) => {
      if (request.url !== '/stuck') echo(request, response);
    });
    dial().socket.write(get('/stuck') + gets(5));
    await until(() => turns.held === 5);

    const { answers, socket } = dial();
    socket.write(get('/other'));

    await until(() => answers().includes('=/other'));
  });

  test('may have bodies', async () => {
    const { dial } = await startTurns(late);
    const { answers, socket } = dial();
    const large = 'x'.repeat(300_000);

    socket.write(post('/a', 'one') + post('/b', large) + post('/c', 'three'));
    await until(() => answers().length === 3);

    expect(answers()).toEqual(['=/aone', `=/b${large}`, '=/cthree']);
  });

  test.each([
    [{ heldPerConnectionMax: 3, heldMax: 100 }],
    [{ heldPerConnectionMax: 100, heldMax: 3 }],
  ])('end their connection beyond %j, and nothing of it is left', async (limits) => {
    const { dial, open, turns } = await startTurns(() => undefined, limits);
    const { socket } = dial();

    socket.write(gets(20));
    await once(socket, 'end');

    await until(() => turns.held === 0);
    expect(open.taken).toEqual(['/0']);
  });

  test('are forgotten when their client goes', async () => {
    const { dial, open, turns } = await startTurns(() => undefined);
    const { socket } = dial();
    socket.write(gets(20));
    await until(() => turns.held === 19);

    socket.resetAndDestroy();
    await until(() => turns.held === 0 || open.now === 0);

    expect(open.taken).toEqual(['/0']);
  });
});
