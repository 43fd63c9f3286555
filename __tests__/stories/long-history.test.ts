import { expect, test } from '@jest/globals';
import { EmbeddedEngine } from '../../broker/engine/embedded-engine.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startProcess } from '../support/start-process.ts';

const ROOM = '/topic/chat/room/7';
const MESSAGES = 200_000;
const MIB = 1_024 * 1_024;

/** A folder in which so much was said in room 7. */
async function longHistory(): Promise<string> {
  const folder = emptyFolder();
  const engine = new EmbeddedEngine({
    clock: new FakeClock(),
    folder,
    keeps: () => true,
    limits: {
      historyBytes: Number.MAX_SAFE_INTEGER,
      historyCount: MESSAGES,
      historySeconds: 0,
      repeatCount: 1,
      repeatSeconds: 1,
      streamsMax: 10,
    },
    log: memoryLog(),
  });
  await engine.start(() => undefined);
  for (let first = 1; first <= MESSAGES; first += 1_000) {
    const entries = Array.from({ length: 1_000 }, (_, at) => ({
      destination: ROOM,
      message: { headers: [], body: Buffer.from(`{"message":"${first + at}"}`) },
    }));
    await engine.append(entries);
  }
  await engine.stop();
  return folder;
}

test('who missed a lot gets all of it at the pace of its socket, and holds up nobody', async () => {
  const folder = await longHistory();
  const limits = ['--history-count', `${2 * MESSAGES}`, '--history-bytes', `${1_024 * MIB}`];
  const server = await startProcess('--port', '0', '--data-dir', folder, ...limits);
  const [reader, talker] = [
    await SocketClient.connect(server.url),
    await SocketClient.connect(server.url),
  ];
  await talker.subscribe('/topic/chat/room/8', 'other');
  const before = server.memory();

  // It asks for everything, and does not read for a while.
  reader.webSocket.pause();
  reader.frame('SUBSCRIBE', { destination: ROOM, id: 'room', 'x-stream-offset': 'first' });
  for (let at = 1; at <= 50; at += 1) {
    const talk = { type: 'TALK', roomId: '8', sender: 'Kim', message: `${at}` };
    await talker.chat(talk, `other ${at}`);
  }
  const whileItWaits = server.memory();
  reader.webSocket.resume();
  for (let at = 1; at <= 50; at += 1) {
    const talk = { type: 'TALK', roomId: '7', sender: 'Kim', message: `late ${at}` };
    await talker.chat(talk, `late ${at}`);
  }
  await reader.expectFrame('MESSAGE', ({ body }) => body.includes('late 50'));

  const offsets = reader.frames
    .filter(({ command }) => command === 'MESSAGE')
    .map(({ headers }) => Number(headers['x-stream-offset']));
  expect(offsets).toHaveLength(MESSAGES + 50);
  expect(offsets.findIndex((offset, at) => offset !== at + 1)).toBe(-1);
  expect(whileItWaits - before).toBeLessThan(64 * MIB);
});
