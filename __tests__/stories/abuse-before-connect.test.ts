import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const MIB = 1_024 * 1_024;

// What may wait with the server, by whoever is not even logged in.

describe('before CONNECT', () => {
  const headers = `a:${'x'.repeat(8_000)}\n`.repeat(90);

  test('a WebSocket may send 16 KiB', async () => {
    const { url } = await startServer();
    const client = await SocketClient.open(url);

    client.say(`CONNECT\naccept-version:1.2\n${headers}`);

    // The message is larger than a CONNECT may be, so it is not read to its end.
    expect((await client.expectClose()).code).toBe(1009);
  });

  test('a TCP connection may send 16 KiB', async () => {
    const { tcpPort } = await startServer();
    const socket = connect(tcpPort, '127.0.0.1');
    let said = '';
    socket.on('data', (text) => {
      said += text;
    });
    socket.on('error', () => undefined);

    socket.write(`CONNECT\naccept-version:1.2\n${headers}`);

    await new Promise((resolve) => socket.once('close', resolve));
    expect(said).toMatch(/^ERROR\n/);
  });

  test('after it, what comes before CONNECTED is read later, however much it is', async () => {
    let letIn: (() => void) | undefined;
    const authenticate = () => new Promise<null>((resolve) => (letIn = () => resolve(null)));
    const { url } = await startServer({}, { authenticate });
    const client = await SocketClient.open(url);

    client.frame('CONNECT', { 'accept-version': '1.2', host: 'test' });
    client.frame('SEND', { destination: '/topic/a', receipt: 'large' }, 'x'.repeat(MIB - 100));
    while (letIn === undefined) await new Promise((resolve) => setImmediate(resolve));
    letIn();

    await client.expectFrame('CONNECTED');
    await client.expectReceipt('large');
  });
});
