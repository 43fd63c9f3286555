import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startScript } from '../support/start-process.ts';

test("the README's example runs as it stands", async () => {
  const readme = readFileSync('README.md', 'utf8');
  const example = /<!-- example -->\n```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  // In the package itself its name stands for what was built.
  writeFileSync('dist/readme-example.mjs', example);
  const server = await startScript('dist/readme-example.mjs');
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
