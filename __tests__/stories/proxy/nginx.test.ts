import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Config } from '../../../broker/config.ts';
import { frameText } from '../../support/frame-text.ts';
import { startNginx } from '../../support/nginx.ts';
import { startServer } from '../../support/start-server.ts';

/** nginx asks from 127.0.0.1; its clients have other addresses of the loopback, which nobody lists. */
const PROXY = '127.0.0.1';
const KIM = '127.0.0.2';
const LEE = '127.0.0.3';
const FORWARDED_FOR = [
  'X-Forwarded-For $proxy_add_x_forwarded_for',
  'X-Forwarded-Proto https',
  'X-Forwarded-Host $http_host',
];
const FORWARDED = ['Forwarded \'for="$remote_addr:$remote_port";host="$http_host";proto=https\''];

const sockets: WebSocket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

async function behindNginx(headers: readonly string[], settings: Partial<Config> = {}) {
  const peers: string[] = [];
  const authenticate = ({ peer }: { readonly peer: string }) => {
    peers.push(peer);
    return null;
  };
  const server = await startServer({ trustProxy: [PROXY], ...settings }, { authenticate });
  return { ...server, outer: await startNginx(server.url, headers), peers };
}

/** Connects from an address; what came: `CONNECTED`, or the status that refused it. */
function connected(
  url: string,
  localAddress: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/websc/websocket`, ['v12.stomp'], {
    headers,
    localAddress,
  });
  sockets.push(webSocket);
  webSocket.on('open', () =>
    webSocket.send(frameText('CONNECT', { 'accept-version': '1.2', host: 'x' })),
  );
  return new Promise((resolve) => {
    webSocket.on('message', (data: Buffer) => resolve(data.toString().split('\n', 1)[0] ?? ''));
    webSocket.on('error', ({ message }) => resolve(message));
  });
}

/** Opens a session over HTTP from an address, and leaves its stream open. */
function streaming(url: string, localAddress: string, session: string): Promise<IncomingMessage> {
  const asked = request(`${url}/websc/1/${session}/xhr_streaming`, {
    agent: false,
    localAddress,
    method: 'POST',
  });
  asked.end();
  return new Promise((resolve, reject) => {
    asked.once('response', (response) => resolve(response.resume()));
    asked.once('error', reject);
  });
}

describe.each([
  ['X-Forwarded-For', FORWARDED_FOR],
  ['Forwarded', FORWARDED],
])('behind nginx, which writes %s,', (_name, headers) => {
  test('clients have addresses of their own, and limits of their own', async () => {
    const { outer, peers } = await behindNginx(headers, { connectionsPerAddressMax: 1 });

    expect(await connected(outer, KIM)).toBe('CONNECTED');
    expect(await connected(outer, KIM)).toBe('Unexpected server response: 503');
    expect(await connected(outer, LEE)).toBe('CONNECTED');

    expect(peers).toEqual([KIM, LEE]);
  });

  test('sessions over HTTP count for their client as well', async () => {
    const { outer } = await behindNginx(headers, { connectionsPerAddressMax: 1 });

    const statuses = [];
    for (const [client, session] of [
      [KIM, 'a'],
      [KIM, 'b'],
      [LEE, 'c'],
    ] as const) {
      const response = await streaming(outer, client, session);
      statuses.push(response.statusCode);
    }

    expect(statuses).toEqual([200, 503, 200]);
  });

  test('a page is of the same origin by the host and scheme that nginx was asked by', async () => {
    const { outer } = await behindNginx(headers);
    const { host } = new URL(outer);

    const asked = (origin: string) => connected(outer, KIM, { Host: host, Origin: origin });

    expect(await asked(`https://${host}`)).toBe('CONNECTED');
    expect(await asked(`http://${host}`)).toBe('Unexpected server response: 403');
    expect(await asked('https://evil.example')).toBe('Unexpected server response: 403');
  });

  test('the host that nginx was asked by is the one that must be allowed', async () => {
    const { outer } = await behindNginx(headers, { allowHost: ['chat.example'] });

    const asked = (Host: string) => connected(outer, KIM, { Host });

    expect(await asked('chat.example')).toBe('CONNECTED');
    expect(await asked('rebound.example')).toBe('Unexpected server response: 421');
  });
});

describe('a client that makes up where it is', () => {
  const MADE_UP = { 'X-Forwarded-For': '192.0.2.9' };

  test('is known by the address that nginx saw', async () => {
    const { outer, peers } = await behindNginx(FORWARDED_FOR);

    await connected(outer, KIM, MADE_UP);

    expect(peers).toEqual([KIM]);
  });

  test('is known by its own when it comes past nginx', async () => {
    const { peers, url } = await behindNginx(FORWARDED_FOR);

    await connected(url, LEE, { ...MADE_UP, Forwarded: 'for=192.0.2.9' });

    expect(peers).toEqual([LEE]);
  });

  test('is known as nginx where it uses the header that nginx passes on', async () => {
    const { outer, peers } = await behindNginx(FORWARDED_FOR);

    await connected(outer, KIM, { Forwarded: 'for=192.0.2.9' });

    expect(peers).toEqual([PROXY]);
  });
});
