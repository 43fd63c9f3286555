import { afterEach, expect, test } from '@jest/globals';
import { Client, type IMessage } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { cuttingProxy, type Fate } from '../support/cutting-proxy.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const ROOM = '/topic/chat/room/7';
const MESSAGES = 600;
const READERS = 4;

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const readers: Reader[] = [];

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});

/** A client of stompjs that goes on where it was, whenever it was cut off. */
class Reader {
  readonly seen: number[] = [];
  readonly verdicts: string[] = [];
  readonly #client: Client;
  readonly done: Promise<void>;
  #epoch: string | null = null;
  #finish: () => void = () => undefined;

  constructor(port: number) {
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#client = new Client({
      webSocketFactory: () =>
        new WebSocket(`ws://127.0.0.1:${port}/websc/websocket`, ['v12.stomp']),
      connectionTimeout: 2_000,
      heartbeatIncoming: 500,
      heartbeatOutgoing: 500,
      reconnectDelay: 5,
      onConnect: ({ headers }) => this.#subscribe(headers['x-stream-epoch'] ?? ''),
    });
    this.#client.activate();
  }

  close(): Promise<void> {
    return this.#client.deactivate({ force: true });
  }

  #subscribe(epoch: string): void {
    this.#epoch ??= epoch;
    const from = (this.seen.at(-1) ?? 0) + 1;
    this.#client.watchForReceipt('subscribed', ({ headers }) =>
      this.verdicts.push(headers['x-recovered'] ?? ''),
    );
    this.#client.subscribe(ROOM, (message) => this.#received(message), {
      id: 'room',
      receipt: 'subscribed',
      'x-stream-epoch': this.#epoch,
      'x-stream-offset': `offset=${from}`,
    });
  }

  #received({ headers }: IMessage): void {
    this.seen.push(Number(headers['x-stream-offset']));
    if (this.seen.length === MESSAGES) this.#finish();
  }
}

test.each([1, 2, 3])(
  'clients on a network that cuts, delays and halves see everything once, in order (seed %i)',
  async (seed) => {
    const next = random(seed);
    const fateOf = (): Fate => {
      const dice = next();
      if (dice < 0.03) return 'cut';
      if (dice < 0.1) return 'delay';
      return dice < 0.3 ? 'halve' : 'pass';
    };
    const store = { dataDir: emptyFolder(), engine: 'embedded' } as const;
    const options = { ...store, chatRate: 0, heartBeatMs: 500 };
    const { port, url } = await startServer(options);
    const proxy = await cuttingProxy(port, fateOf);
    const talker = await SocketClient.connect(url);
    for (let at = 0; at < READERS; at += 1) readers.push(new Reader(proxy.port));

    for (let at = 1; at <= MESSAGES; at += 1) {
      const talk = { type: 'TALK', roomId: '7', sender: 'Kim', message: `${at}` };
      await talker.chat(talk, `${at}`);
    }
    await Promise.all(readers.map(({ done }) => done));

    expect(proxy.cuts).toBeGreaterThan(0);
    for (const { seen, verdicts } of readers) {
      expect(seen).toEqual(Array.from({ length: MESSAGES }, (_, at) => at + 1));
      expect(new Set(verdicts)).toEqual(new Set(['true']));
    }
  },
);
