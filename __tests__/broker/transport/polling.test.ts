import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { frameText } from '../../support/frame-text.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { startServer } from '../../support/start-server.ts';
import { ask, open, xhrSend } from './raw-http.ts';
import { startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

const POST = { method: 'POST' };

describe('a polling session', () => {
  test('is not shed while it fetches everything, however much that is in the end', async () => {
    const { server, url } = await startServer({ unsentBytesMax: 65_536 });
    const session = `${url}/websc/000/reader`;
    await ask(`${session}/xhr`, POST);
    await xhrSend(
      session,
      frameText('CONNECT', { 'accept-version': '1.2', host: 'test' }),
      frameText('SUBSCRIBE', { destination: '/topic/busy', id: '1' }),
    );
    await ask(`${session}/xhr`, POST);
    const sender = await SocketClient.connect(url);

    for (let sent = 0; sent < 12; sent += 1) {
      const headers = { destination: '/topic/busy', receipt: `${sent}` };
      sender.frame('SEND', headers, 'x'.repeat(10_000));
      await sender.expectReceipt(`${sent}`);
      expect((await ask(`${session}/xhr`, POST)).text).toMatch(/^a\["MESSAGE/);
    }

    expect(server.sessionCount).toBe(2);
  });

  test('counts the messages that wait for its client, until they are fetched', async () => {
    const { recorders, url } = await startEndpoint();
    await ask(`${url}/websc/000/reader/xhr`, POST);
    const [recorder] = recorders;

    recorder?.write('한글');
    recorder?.write('12345');
    expect(recorder?.transport.bufferedBytes).toBe(11);
    const { text } = await ask(`${url}/websc/000/reader/xhr`, POST);

    expect(text).toBe('a["한글","12345"]\n');
    await until(() => recorder?.transport.bufferedBytes === 0);
    recorder?.write('123');
    expect(recorder?.transport.bufferedBytes).toBe(3);
  });

  test('counts what it asked for and does not read, over all its requests', async () => {
    const { recorders, url } = await startEndpoint();
    await ask(`${url}/websc/000/reader/xhr`, POST);
    const [recorder] = recorders;

    const responses: IncomingMessage[] = [];
    for (let time = 0; time < 2; time += 1) {
      recorder?.write('x'.repeat(32 << 20));
      responses.push(await open(`${url}/websc/000/reader/xhr`, POST));
    }

    expect(recorder?.transport.bufferedBytes).toBeGreaterThan(40 << 20);
    for (const response of responses) response.destroy();
    await until(() => recorder?.transport.bufferedBytes === 0);
  });

  test('gets the messages that waited for it, then the reason of its end', async () => {
    const { connections, recorders, url } = await startEndpoint();
    await ask(`${url}/websc/000/reader/xhr`, POST);

    recorders[0]?.write('last words');
    recorders[0]?.transport.close(1012, 'DRAINING');
    const answers = [
      await ask(`${url}/websc/000/reader/xhr`, POST),
      await ask(`${url}/websc/000/reader/xhr`, POST),
    ];

    expect(answers.map(({ text }) => text)).toEqual(['a["last words"]\n', 'c[1012,"DRAINING"]\n']);
    await until(() => connections.total === 0);
  });
});
