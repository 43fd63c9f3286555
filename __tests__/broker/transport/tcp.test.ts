import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { frameText } from '../../support/frame-text.ts';
import { startServer } from '../../support/start-server.ts';
import { Pipe, TCP } from './pipe.ts';
import { until } from './until.ts';

describe('STOMP over TCP', () => {
  test('still answers a client that has said all it had to say', async () => {
    const { server, tcpPort } = await startServer();
    const socket = connect({ host: '127.0.0.1', port: tcpPort, allowHalfOpen: true });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    const ended = new Promise((resolve) => socket.once('end', resolve));

    const connectFrame = frameText('CONNECT', { 'accept-version': '1.2', host: 'test' });
    socket.end(connectFrame + frameText('SEND', { destination: '/topic/x', receipt: '1' }, 'hi'));
    await ended;
    socket.destroy();

    expect(heard).toContain('receipt-id:1');
    await until(() => server.sessionCount === 0);
  });

  test('ends each frame with a line end, for clients that read one there', async () => {
    const { tcpPort } = await startServer();
    const socket = connect(tcpPort, '127.0.0.1');

    socket.write(frameText('CONNECT', { 'accept-version': '1.2', host: 'test' }));
    socket.end(
      frameText('SUBSCRIBE', { id: '1', destination: '/topic/x' }) +
        frameText('SEND', { destination: '/topic/x', receipt: '1' }, 'one'),
    );
    const heard = await text(socket);

    expect(heard.match(/\0\n/g)).toHaveLength(3);
    expect(heard.match(/\0/g)).toHaveLength(3);
    expect(heard).toMatch(/one\0\n/);
  });

  test('refuses an HTTP request as the command it is not', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.open(TCP, url);

    pipe.say('POST / HTTP/1.1\r\nHost: localhost\r\n\r\n');

    expect((await pipe.expectFrame('ERROR')).headers.code).toBe('UNKNOWN_COMMAND');
    await pipe.expectClose();
  });

  test('closes at once where there is no room', async () => {
    const { url } = await startServer({ connectionsMax: 1 });
    await Pipe.connect(TCP, url);

    const second = await Pipe.open(TCP, url).catch(() => null);

    await second?.expectClose();
    await expect(Pipe.connect(TCP, url)).rejects.toThrow();
  });
});
