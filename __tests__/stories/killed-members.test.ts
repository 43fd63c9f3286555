import { describe, expect, test } from '@jest/globals';
import { parseHistoryPage } from '../../shared/history.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { SocketClient } from '../support/socket-client.ts';
import { type ServerProcess, startProcess } from '../support/start-process.ts';

const ROOM = '/topic/chat/room/7';
const PEOPLE = 12;

interface Said {
  readonly sender: string;
  readonly type: string;
}

/** The history of the room, oldest first. */
async function historyOf({ url }: ServerProcess): Promise<Said[]> {
  const all: Said[] = [];
  for (let after = 0; ; ) {
    const response = await fetch(`${url}/api/rooms/7/messages?after=${after}&limit=200`);
    const page = parseHistoryPage(await response.json());
    if (page === null) throw new Error('this is no page of a history');
    const last = page.messages.at(-1);
    if (last === undefined) return all;
    after = last.offset;
    for (const { message } of page.messages) {
      const field = (name: string) => String(Reflect.get(Object(message), name));
      all.push({ sender: field('sender'), type: field('type') });
    }
  }
}

/** The people in the room, from the state of a new subscription. */
async function peopleOf({ url }: ServerProcess): Promise<string[]> {
  const client = await SocketClient.connect(url);
  await client.subscribe(`${ROOM}/presence`, 'presence');
  const { body } = await client.expectFrame('MESSAGE');
  const state: { readonly people: readonly string[] } = JSON.parse(body);
  return state.people.toSorted();
}

/** The people whose last message in the room is an ENTER. */
function thereBy(history: readonly Said[]): string[] {
  const last = new Map(history.map(({ sender, type }) => [sender, type]));
  return [...last].flatMap(([sender, type]) => (type === 'ENTER' ? sender : [])).toSorted();
}

/**
 * Enters and leaves until the server is killed. It leaves by LEAVE or by closing its connection, and
 * sends several messages without waiting.
 */
async function comeAndGo(url: string, name: string): Promise<void> {
  const message = (type: string) => ({ type, roomId: '7', sender: name, message: '' });
  const say = (client: SocketClient, type: string, headers: Record<string, string> = {}) => {
    const sent = { destination: '/app/chat/message', ...headers };
    client.frame('SEND', sent, JSON.stringify(message(type)));
  };
  try {
    for (;;) {
      const client = await SocketClient.connect(url);
      for (let round = 0; round < 1 + Math.random() * 4; round += 1) {
        say(client, 'ENTER');
        say(client, 'LEAVE');
        say(client, 'ENTER', { receipt: `${round}` });
        await client.expectFrame('RECEIPT');
        if (Math.random() < 0.7) say(client, 'LEAVE');
      }
      // The next session begins when this one has ended, so that only its ENTER counts.
      client.webSocket.close();
      await client.expectClose();
    }
  } catch {
    // The server was killed.
  }
}

describe('a server that is killed while people enter and leave', () => {
  test.each([1, 2, 3, 4, 5])(
    'counts exactly those who entered and have not left, time %i',
    async () => {
      const folder = emptyFolder();
      const args = [
        ...['--port', '0', '--data-dir', folder, '--log-level', 'error'],
        ...['--chat-rate', '0', '--chat-address-rate', '0', '--connect-refill-ms', '0'],
        // Short, so that some grace periods are over before the kill, and some are not.
        ...['--grace-ms', '20'],
      ];
      const server = await startProcess(...args);
      const listener = await SocketClient.connect(server.url);
      await listener.subscribe(ROOM, 'room');

      const coming = Array.from({ length: PEOPLE }, (_, at) => comeAndGo(server.url, `p${at}`));
      // A random moment, in the middle of messages that wait for their commit.
      const enough = 100 + Math.floor(Math.random() * 900);
      await listener.expectFrame('MESSAGE', () => listener.frames.length >= enough);
      await server.stop('SIGKILL');
      await Promise.all(coming);
      const again = await startProcess(...args);
      const [history, people] = [await historyOf(again), await peopleOf(again)];

      expect(history.length).toBeGreaterThanOrEqual(enough - 10);
      expect(people).toEqual(thereBy(history));
    },
  );
});
