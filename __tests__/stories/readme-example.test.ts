import { describe, expect, test } from '@jest/globals';
import { writeExample, writeTypedExamples } from '../support/readme-example.ts';
import { SocketClient } from '../support/socket-client.ts';
import { runScript, startListening, startScript } from '../support/start-process.ts';

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
