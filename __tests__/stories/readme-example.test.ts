import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../support/empty-folder.ts';
import { writeExample, writeTypedExamples } from '../support/readme-example.ts';
import { SocketClient } from '../support/socket-client.ts';
import { runScript, startListening, startScript } from '../support/start-process.ts';
import { startServer } from '../support/start-server.ts';

test("the README's examples are TypeScript without an error", async () => {
  const folder = writeTypedExamples();

  const ended = await runScript(['node_modules/typescript/bin/tsc', '-p', folder]);

  expect(ended.stdout).toBe('');
  expect(ended.code).toBe(0);
});

describe("the README's example", () => {
  test('of own handlers runs as it stands', async () => {
    const server = await startScript(writeExample('own handlers', '.mjs'));
    const client = await SocketClient.connect(server.url);
    await client.subscribe('/user/queue/errors', 'errors');
    await client.subscribe('/topic/votes/lunch', 'votes');

    client.frame('SEND', { destination: '/app/votes/lunch' }, '"yes"');
    const { body } = await client.expectFrame('MESSAGE');
    client.frame('SEND', { destination: '/app/votes/lunch' }, '"maybe"');
    const { headers } = await client.expectFrame('MESSAGE');
    const page = await fetch(server.url);

    expect(await page.text()).toContain('<title>Stomping Ground</title>');
    expect(body).toBe('{"vote":"yes"}');
    expect(headers.code).toBe('BAD_VOTE');
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('of an Express application runs as it stands', async () => {
    const server = await startListening(writeExample('express', '.mjs'));
    const [guest, member, stranger] = [
      await SocketClient.open(server.url, { endpoint: '/stomp' }),
      await SocketClient.open(server.url, { endpoint: '/stomp' }),
      await SocketClient.open(server.url, { endpoint: '/stomp' }),
    ];
    const connect = { 'accept-version': '1.2', host: 'test' };

    guest.frame('CONNECT', connect);
    await guest.expectFrame('CONNECTED');
    await guest.subscribe('/topic/news/sport', 'news');
    member.frame('CONNECT', { ...connect, login: 'kim', passcode: 'sesame' });
    const { headers } = await member.expectFrame('CONNECTED');
    stranger.frame('CONNECT', { ...connect, login: 'kim', passcode: 'guess' });
    const refusal = await stranger.expectFrame('ERROR');
    const posted = await fetch(`${server.url}/news/sport`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      body: 'goal',
    });
    const published = await guest.expectFrame('MESSAGE');
    member.frame('SEND', { destination: '/topic/news/sport' }, 'another one');
    const sent = await guest.expectFrame('MESSAGE');
    guest.frame('SEND', { destination: '/topic/news/sport' }, 'no goal');
    const guarded = await guest.expectFrame('ERROR');

    expect(headers['user-name']).toBe('kim');
    expect(refusal.headers.code).toBe('BAD_LOGIN');
    expect([posted.status, published.body, sent.body]).toEqual([201, 'goal', 'another one']);
    expect(guarded.headers.code).toBe('LOG_IN');
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('of a client that resumes misses nothing over a restart, and gets nothing twice', async () => {
    const kept = { dataDir: emptyFolder(), engine: 'embedded' } as const;
    const first = await startServer(kept);
    await talk(first.url, 'before');
    const example = await startScript(resumingExample(first.url));
    await example.printed(/(before)/);

    await first.server.stop();
    const second = await startServer({ ...kept, port: first.port });
    await talk(second.url, 'while it was away');
    await example.printed(/(while it was away)/);
    await talk(second.url, 'after');
    await example.printed(/(after)/);

    const printed = example.output().stdout.split('\n').slice(1, -1);
    expect(printed).toEqual(['1 Kim before', '2 Kim while it was away', '3 Kim after']);
  });

  test('of a jest test runs as it stands', async () => {
    writeExample('jest', '.test.mjs');
    const config = { rootDir: 'dist/readme', testMatch: ['**/jest.test.mjs'], transform: {} };

    const ended = await runScript([
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--config',
      JSON.stringify(config),
    ]);

    expect(ended.stderr).toContain('1 passed, 1 total');
    expect(ended.code).toBe(0);
  });
});

/** The example on this server, with the global that Node has from version 22 on. */
function resumingExample(url: string): string {
  const path = writeExample('resume', '.mjs');
  const example = readFileSync(path, 'utf8').replace(
    'ws://127.0.0.1:8080',
    url.replace('http', 'ws'),
  );
  const before = `import { WebSocket } from 'ws';
Object.assign(globalThis, { WebSocket });
console.log('ready on ${url}');
`;
  writeFileSync(path, before + example);
  return path;
}

async function talk(url: string, message: string): Promise<void> {
  const client = await SocketClient.connect(url);
  await client.chat({ type: 'TALK', roomId: '7', sender: 'Kim', message }, message);
}
