import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { reject } from '../../broker/application/rejection.ts';
import type { Authenticate } from '../../broker/authentication.ts';
import { frameText } from '../support/frame-text.ts';
import { memoryLog } from '../support/memory-log.ts';
import { startServer } from '../support/start-server.ts';

const CONNECT = frameText('CONNECT', { 'accept-version': '1.2', login: 'kim' });

/** Lets in who has a cookie, a token in the address, or is no browser. */
const authenticate: Authenticate = async ({ handshake, login }) => {
  const { headers, url } = handshake;
  if (url === '' || headers.cookie === 'sid=1' || url.endsWith('?token=1')) return login;
  return reject('NO_TICKET', 'neither cookie nor token');
};

/** The first message that comes back over a WebSocket. */
async function answerTo(url: string, headers: Record<string, string> = {}): Promise<string> {
  const webSocket = new WebSocket(url, { headers });
  webSocket.on('open', () => webSocket.send(CONNECT));
  const answer = await new Promise<string>((resolve) => {
    webSocket.once('message', (data: Buffer) => resolve(data.toString()));
  });
  webSocket.terminate();
  return answer;
}

test('a hook decides by cookie, by address, or by login, whichever the transport has', async () => {
  const { tcpPort, url } = await startServer({}, { authenticate });
  const plain = `${url.replace('http', 'ws')}/websc/websocket`;

  expect(await answerTo(plain, { cookie: 'sid=1' })).toContain('user-name:kim');
  expect(await answerTo(`${plain}?token=1`)).toContain('user-name:kim');
  expect(await answerTo(plain)).toContain('code:NO_TICKET');

  const socket = connect(tcpPort, '127.0.0.1');
  socket.end(CONNECT);
  expect(await text(socket)).toContain('user-name:kim');
});

test('a server that trusts logins says so in its log', async () => {
  const log = memoryLog();

  await startServer({ trustLogin: true }, { log });

  const warnings = log.lines.filter(({ level }) => level === 'warn');
  expect(warnings.map((line) => line.text)).toEqual([expect.stringContaining('--trust-login')]);
});
