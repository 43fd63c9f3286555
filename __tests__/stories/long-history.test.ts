import { expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { EmbeddedEngine } from '../../broker/engine/embedded/embedded-engine.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startProcess } from '../support/start-process.ts';

const ROOM = '/topic/chat/room/7';
const MESSAGES = 1_000_000;
const COMMIT = 20_000;
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
      deduplicationCount: 1,
      dormantStreamsMax: 10,
      storeBytesMax: Number.MAX_SAFE_INTEGER,
      storeRetryMs: 600_000,
      deduplicationSeconds: 1,
      streamsMax: 10,
    },
    log: memoryLog(),
  });
  await engine.start(() => undefined);
  // Few and large commits: each is on disk before the next one, however slow that is.
  for (let first = 1; first <= MESSAGES; first += COMMIT) {
    const entries = Array.from({ length: COMMIT }, (_, at) => ({
      destination: ROOM,
      message: { headers: [], body: Buffer.from(`{"message":"${first + at}"}`) },
    }));
    expect(await engine.append(entries)).toMatchObject({ type: 'appended' });
  }
  await engine.stop();
  return folder;
}

/** Keeps nothing of what it reads but whether each position was the next one. */
class Reader {
  readonly webSocket: WebSocket;
  /** The last position that came in its turn. */
  last = 0;
  #rest = '';
  #wake: () => void = () => undefined;

  constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on('message', (data: Buffer) => this.#read(data.toString()));
  }

  async reaches(offset: number): Promise<void> {
    while (this.last < offset) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #read(text: string): void {
    const frames = (this.#rest + text).split('\0');
    this.#rest = frames.pop() ?? '';
    for (const frame of frames) {
      const offset = Number(/\nx-stream-offset:(\d+)\n/.exec(frame)?.[1]);
      if (!frame.trimStart().startsWith('MESSAGE')) continue;
      if (offset !== this.last + 1) throw new Error(`${offset} came after ${this.last}`);
      this.last = offset;
    }
    this.#wake();
  }
}

test('who missed a lot gets all of it at the pace of its socket, and holds up nobody', async () => {
  const folder = await longHistory();
  const limits = ['--history-count', `${2 * MESSAGES}`, '--history-bytes', `${1_024 * MIB}`];
  const server = await startProcess('--port', '0', '--data-dir', folder, ...limits);
  const client = await SocketClient.connect(server.url);
  const talker = await SocketClient.connect(server.url);
  await talker.subscribe('/topic/chat/room/8', 'other');
  const before = server.memory();

  // It asks for everything, and does not read for a while.
  client.webSocket.removeAllListeners('message');
  const reader = new Reader(client.webSocket);
  client.webSocket.pause();
  client.frame('SUBSCRIBE', { destination: ROOM, id: 'room', 'x-stream-offset': 'first' });
  for (let at = 1; at <= 50; at += 1) {
    const talk = { type: 'TALK', roomId: '8', sender: 'Kim', message: `${at}` };
    await talker.chat(talk, `other ${at}`);
  }
  const whileItWaits = server.memory();
  client.webSocket.resume();
  for (let at = 1; at <= 50; at += 1) {
    const talk = { type: 'TALK', roomId: '7', sender: 'Kim', message: `late ${at}` };
    await talker.chat(talk, `late ${at}`);
  }
  await reader.reaches(MESSAGES + 50);

  expect(reader.last).toBe(MESSAGES + 50);
  expect(whileItWaits - before).toBeLessThan(64 * MIB);
}, 180_000);
