import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { WebSocket, WebSocketServer } from 'ws';
import { type Broker, createBroker } from '../../broker/broker.ts';
import { SocketClient } from '../support/socket-client.ts';

const brokers: Broker[] = [];
const servers: HttpServer[] = [];
const sockets: WebSocket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  for (const http of servers.splice(0)) {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
});

/** An Express application with a WebSocket service of its own at `/echo`. */
function ownApplication(): HttpServer {
  const app = express();
  app.use(express.json());
  app.post('/sum', (request, response) => {
    response.json({ sum: request.body.a + request.body.b });
  });
  const http = createServer(app);
  servers.push(http);
  return http;
}

function echoAt(http: HttpServer): void {
  const echo = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (request.url !== '/echo') return;
    echo.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data: Buffer) => webSocket.send(data.toString()));
    });
  });
}

async function mount(http: HttpServer): Promise<void> {
  const broker = createBroker({ engine: 'memory', stopMs: 300 });
  brokers.push(broker);
  broker.attach(http);
  await broker.start();
}

async function listen(http: HttpServer): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  // It listens on a port, so it has an address.
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function echoed(url: string, text: string): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/echo`);
  sockets.push(socket);
  socket.on('open', () => socket.send(text));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => resolve(data.toString()));
  });
}

async function sumAt(url: string): Promise<unknown> {
  const response = await fetch(`${url}/sum`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"a":1,"b":2}',
  });
  return response.json();
}

test.each([
  ['before', [echoAt, mount]],
  ['after', [mount, echoAt]],
] as const)(
  'a server whose own upgrades were there %s goes on serving all it had',
  async (_when, steps) => {
    const http = ownApplication();
    for (const step of steps) await step(http);
    const url = await listen(http);

    const stomp = await SocketClient.connect(url);
    await stomp.subscribe('/topic/x', '1');
    stomp.frame('SEND', { destination: '/topic/x' }, 'over STOMP');

    expect((await stomp.expectFrame('MESSAGE')).body).toBe('over STOMP');
    expect(await echoed(url, 'over a WebSocket of its own')).toBe('over a WebSocket of its own');
    expect(await sumAt(url)).toEqual({ sum: 3 });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${url}/websc/info`)).status).toBe(200);
  },
);

test('a broker that stops leaves the server it is mounted on as it was', async () => {
  const http = ownApplication();
  echoAt(http);
  await mount(http);
  const url = await listen(http);
  const stomp = await SocketClient.connect(url);

  await brokers[0]?.stop();

  expect(await stomp.expectClose()).toMatchObject({ code: 1012 });
  expect(await echoed(url, 'still here')).toBe('still here');
  expect(await sumAt(url)).toEqual({ sum: 3 });
});

test('two brokers share a server at different endpoints', async () => {
  const http = ownApplication();
  for (const endpoint of ['/one', '/two']) {
    const broker = createBroker({ endpoint, engine: 'memory', stopMs: 300 });
    brokers.push(broker);
    broker.attach(http);
    await broker.start();
  }
  const url = await listen(http);

  const clients = await Promise.all(
    ['/one', '/two'].map((endpoint) => SocketClient.open(url, { endpoint })),
  );
  for (const client of clients) client.frame('CONNECT', { 'accept-version': '1.2', host: 'x' });
  const epochs = await Promise.all(
    clients.map(
      async (client) => (await client.expectFrame('CONNECTED')).headers['x-stream-epoch'],
    ),
  );

  expect(new Set(epochs).size).toBe(2);
});
