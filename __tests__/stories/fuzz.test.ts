import { expect, test } from '@jest/globals';
import { Campaign } from '../../scripts/fuzz/campaign.mjs';
import { memoryLog } from '../support/memory-log.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

// The long run, with a process of its own and its memory watched, is `npm run fuzz`.

const SEED = 7;
const STREAMS = 300;

const SMALL = {
  bodyBytes: 16_384,
  connectTimeoutMs: 1_000,
  frameTimeoutMs: 1_000,
  headerBytes: 1_024,
  headerCountMax: 40,
  lingerMs: 500,
};

test('mutated streams break nothing, leave nothing, and do not disturb others', async () => {
  const log = memoryLog();
  const { port, server, tcpPort, url } = await startServer(SMALL, { log });
  const witness = await SocketClient.connect(url);
  await witness.subscribe('/topic/the/witness', 'own');
  const said: string[] = [];
  const timer = setInterval(() => {
    said.push(String(said.length));
    witness.frame('SEND', { destination: '/topic/the/witness' }, said.at(-1));
  }, 20);
  const campaign = new Campaign({
    seed: SEED,
    ports: { http: port, tcp: tcpPort },
    // A session of SockJS over HTTP lives on for seconds.
    lines: ['websocket', 'sockjs', 'tcp'],
  });

  await campaign.play(Array.from({ length: STREAMS }, (_, id) => id));

  clearInterval(timer);
  witness.frame('SEND', { destination: '/topic/the/witness', receipt: 'all' }, 'end');
  await witness.expectReceipt('all');
  const { answers, errors, frames, problems } = campaign.tally;
  expect(problems).toEqual([]);
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  const heard = witness.frames.filter(({ command }) => command === 'MESSAGE');
  expect(heard.map(({ body }) => body)).toEqual([...said, 'end']);
  // It comes far: what is refused at the door only shows nothing.
  expect(frames).toBeGreaterThan(3_000);
  expect(answers.RECEIPT).toBeGreaterThan(300);
  expect(Object.keys(errors).length).toBeGreaterThan(15);
  // Those that only vanished are noticed a moment later.
  while (server.sessionCount > 1) await new Promise((resolve) => setImmediate(resolve));
  expect(server.sessionCount).toBe(1);
});
