import { describe, expect, test } from '@jest/globals';
import { parseHistoryPage, type RoomHistoryPage } from '../../shared/history.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { frameText } from '../support/frame-text.ts';
import { SocketClient } from '../support/socket-client.ts';
import { type ServerProcess, startProcess } from '../support/start-process.ts';

const ROOM = '/topic/chat/room/7';
const PUBLISHERS = 6;
/** Messages of each publisher that wait for their RECEIPT. */
const OUTSTANDING = 32;

type Messages = RoomHistoryPage['messages'];

async function historyOf({ url }: ServerProcess): Promise<Messages> {
  const all: Messages[number][] = [];
  for (;;) {
    const after = all.at(-1)?.offset ?? 0;
    const response = await fetch(`${url}/api/rooms/7/messages?after=${after}&limit=200`);
    const page = parseHistoryPage(await response.json());
    if (page === null) throw new Error('this is no page of a history');
    if (page.messages.length === 0) return all;
    all.push(...page.messages);
  }
}

/** Talks until its connection is gone. Returns the positions of receipted messages by id. */
async function publish(url: string, name: string): Promise<Map<string, number>> {
  const receipted = new Map<string, number>();
  const client = await SocketClient.connect(url);
  let sent = 0;
  const say = () => {
    sent += 1;
    const id = `${name}-${sent}`;
    const body = JSON.stringify({ type: 'TALK', roomId: '7', sender: name, message: id, id });
    client.say(frameText('SEND', { destination: '/app/chat/message', receipt: id }, body));
  };
  for (let at = 0; at < OUTSTANDING; at += 1) say();
  try {
    for (;;) {
      const { headers } = await client.expectFrame('RECEIPT');
      receipted.set(headers['receipt-id'] ?? '', Number(headers['x-stream-offset']));
      say();
    }
  } catch {
    return receipted;
  }
}

describe('a server that is killed while people talk', () => {
  test.each([1, 2, 3, 4, 5])('has lost nothing that it receipted, time %i', async () => {
    const folder = emptyFolder();
    const args = [
      '--port',
      '0',
      '--data-dir',
      folder,
      '--chat-rate',
      '0',
      '--chat-address-rate',
      '0',
      '--log-level',
      'error',
    ];
    const server = await startProcess(...args);
    const listener = await SocketClient.connect(server.url);
    await listener.subscribe(ROOM, 'room');

    const talking = Array.from({ length: PUBLISHERS }, (_, at) => publish(server.url, `p${at}`));
    // A random moment, in the middle of messages that wait for their commit.
    const enough = 200 + Math.floor(Math.random() * 1_500);
    await listener.expectFrame('MESSAGE', () => listener.frames.length >= enough);
    await server.stop('SIGKILL');
    const receipted = new Map((await Promise.all(talking)).flatMap((map) => [...map]));
    const again = await startProcess(...args);
    const history = await historyOf(again);

    expect(history.map(({ offset }) => offset)).toEqual(history.map((_, at) => at + 1));
    const positions = new Map(history.map(({ message, offset }) => [idOf(message), offset]));
    expect(positions.size).toBe(history.length);
    expect(receipted.size).toBeGreaterThan(0);
    for (const [id, offset] of receipted) expect([id, positions.get(id)]).toEqual([id, offset]);
    for (const { body, command, headers } of listener.frames) {
      if (command !== 'MESSAGE') continue;
      const seen = [idOf(JSON.parse(body)), Number(headers['x-stream-offset'])];
      expect(seen).toEqual([seen[0], positions.get(String(seen[0]))]);
    }
  });
});

function idOf(message: unknown): string {
  return String(Reflect.get(Object(message), 'id'));
}
