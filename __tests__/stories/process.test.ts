import { describe, expect, test } from '@jest/globals';
import { VERSION } from '../../broker/version.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { SocketClient } from '../support/socket-client.ts';
import { runProcess, startCommand, startProcess } from '../support/start-process.ts';

describe('the process', () => {
  test('says in one line that it is ready, with the address', async () => {
    const server = await startProcess('--port', '0');

    expect(server.output().stdout).toBe(`Stomping Ground is ready on ${server.url}\n`);
    expect(server.port).toBeGreaterThan(0);
  });

  test('serves the page for the lobby and for a room', async () => {
    const { url } = await startProcess('--port', '0', '--topic-prefix', '/sub');

    for (const path of ['/', '/rooms/7']) {
      const response = await fetch(url + path);
      const html = await response.text();
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(html).toContain('&quot;topic&quot;:&quot;/sub&quot;');
    }
  });

  test('names all wrong settings at once and ends with 2', async () => {
    const ended = await runProcess(['--port', 'x', '--nonsense'], { BROKER_HEART_BEAT: '1' });

    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe('');
    for (const name of ['--port', '--nonsense', 'BROKER_HEART_BEAT'])
      expect(ended.stderr).toContain(name);
  });

  test('prints its settings and ends with 0 when it is asked for help', async () => {
    const ended = await runProcess(['--help']);

    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('--chat-rate');
    expect(ended.stdout).toMatch(/Usage: node \S+main\.js \[/);
  });

  test('prints its version and ends with 0 when it is asked for it', async () => {
    expect(await runProcess(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n` });
  });

  test('says in one line that its port is taken, and ends with 1', async () => {
    const { port } = await startProcess('--port', '0');

    // At level info the log says first how full the disk is.
    const ended = await runProcess(['--port', String(port), '--log-level', 'warn']);

    expect(ended.code).toBe(1);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).toContain(`port ${port} on 127.0.0.1 is taken`);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'tells its clients at %s that they may come back, and ends',
    async (signal) => {
      const server = await startProcess('--port', '0');
      const client = await SocketClient.connect(server.url);

      const ended = server.stop(signal);

      expect(await client.expectClose()).toEqual({ code: 1012, reason: 'DRAINING' });
      expect(await ended).toEqual({ code: 0, signal: null });
    },
  );

  test('ends when npm start, which started it, gets SIGTERM', async () => {
    const args = ['start', '--', '--port', '0', '--data-dir', emptyFolder()];
    const server = await startCommand('.', 'npm', ...args);
    const client = await SocketClient.connect(server.url);

    // The output of npm is the server's as well, so it closes with the last of them.
    const ended = server.stop('SIGTERM');

    expect(await client.expectClose()).toEqual({ code: 1012, reason: 'DRAINING' });
    await ended;
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  test('ends although a client does not read', async () => {
    const server = await startProcess('--port', '0', '--stop-ms', '500');
    const client = await SocketClient.connect(server.url);
    client.webSocket.pause();

    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
