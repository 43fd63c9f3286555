import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from '@jest/globals';
import SockJS from 'sockjs-client';
import { until } from '../../broker/transport/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startServer } from '../../support/start-server.ts';

// stompjs 2.3.3 of 2014, as the tutorials have it that this broker takes over from.

interface OldFrame {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface OldClient {
  connected: boolean;
  debug: (line: string) => void;
  connect(
    headers: object,
    onConnect: (frame: OldFrame) => void,
    onError: (error: unknown) => void,
  ): void;
  disconnect(onDisconnect: () => void): void;
  send(destination: string, headers: object, body: string): void;
  subscribe(destination: string, onMessage: (frame: OldFrame) => void): { unsubscribe(): void };
}

interface OldStomp {
  over(socket: WebSocket): OldClient;
  setInterval: (ms: number, run: () => void) => number;
  clearInterval: (timer: number) => void;
}

const { Stomp }: { Stomp: OldStomp } = createRequire(import.meta.url)('stompjs/lib/stomp.js');

/** The heart-beats that clients want to run, by their timer. */
const timers = new Map<number, () => void>();
// In a browser the library takes these from the window.
Stomp.setInterval = (_ms, run) => {
  timers.set(timers.size + 1, run);
  return timers.size;
};
Stomp.clearInterval = (timer) => timers.delete(timer);

const opened: OldClient[] = [];

afterEach(async () => {
  for (const ws of opened.splice(0)) {
    if (ws.connected) await new Promise<void>((resolve) => ws.disconnect(resolve));
  }
  timers.clear();
});

interface Visitor {
  readonly ws: OldClient;
  readonly errors: unknown[];
  readonly heard: OldFrame[];
  readonly lines: string[];
}

/** The tutorial's script, its names kept. */
async function visit(url: string, roomId: string, transports?: string[]): Promise<Visitor> {
  const sock = new SockJS(`${url}/websc`, null, transports === undefined ? {} : { transports });
  const ws = Stomp.over(sock);
  const [heard, errors, lines]: [OldFrame[], unknown[], string[]] = [[], [], []];
  ws.debug = (line) => lines.push(line);
  opened.push(ws);
  await new Promise<void>((resolve, reject) => {
    ws.connect(
      {},
      () => resolve(),
      (error) => {
        errors.push(error);
        reject(error);
      },
    );
  });
  ws.subscribe(`/topic/chat/room/${roomId}`, (message) => heard.push(message));
  return { errors, heard, lines, ws };
}

function say({ ws }: Visitor, message: object): void {
  ws.send('/app/chat/message', {}, JSON.stringify(message));
}

describe('the client of the tutorials', () => {
  test.each([['its choice'], ['websocket'], ['xhr-streaming'], ['xhr-polling'], ['eventsource']])(
    'enters a room and talks there, by %s',
    async (transport) => {
      const { url } = await startServer();
      const sender = '김철수';
      const visitor = await visit(url, '7', transport === 'its choice' ? undefined : [transport]);

      say(visitor, { type: 'ENTER', roomId: '7', sender, message: '' });
      say(visitor, { type: 'TALK', roomId: '7', sender, message: '안녕하세요 😀' });
      await until(() => visitor.heard.length === 2);

      const heard = visitor.heard.map(({ body }) => JSON.parse(body));
      expect(heard).toMatchObject([
        { message: '김철수님이 입장했습니다.', roomId: '7', sender, type: 'ENTER' },
        { message: '안녕하세요 😀', roomId: '7', sender, type: 'TALK' },
      ]);
      expect(visitor.errors).toEqual([]);
    },
  );

  test('hears others, and no more after it unsubscribed', async () => {
    const { url } = await startServer();
    const [ada, bob] = [await visit(url, '7'), await visit(url, '7')];
    const elsewhere: OldFrame[] = [];
    const subscription = ada.ws.subscribe('/topic/chat/room/8', (frame) => elsewhere.push(frame));

    say(ada, { type: 'TALK', roomId: '8', sender: 'Ada', message: 'one' });
    await until(() => elsewhere.length === 1);
    subscription.unsubscribe();
    say(ada, { type: 'TALK', roomId: '8', sender: 'Ada', message: 'two' });
    say(ada, { type: 'TALK', roomId: '7', sender: 'Ada', message: 'three' });
    await until(() => ada.heard.length === 1 && bob.heard.length === 1);

    expect(JSON.parse(bob.heard[0]?.body ?? '')).toMatchObject({ message: 'three' });
    expect(elsewhere).toHaveLength(1);
  });

  test('sends a text that it cuts into several messages', async () => {
    const { url } = await startServer();
    const visitor = await visit(url, '7');
    const body = `x${'가😀'.repeat(12_000)}`;
    const heard = new Promise<OldFrame>((resolve) => {
      visitor.ws.subscribe('/topic/large', resolve);
    });

    visitor.ws.send('/topic/large', {}, body);

    expect((await heard).body === body).toBe(true);
  });

  test('beats, and hears the beats of the broker, for as long as it likes', async () => {
    const clock = new FakeClock();
    const { server, url } = await startServer({}, { clock });
    const visitor = await visit(url, '7', ['websocket']);
    const pongs = () => visitor.lines.filter((line) => line === '<<< PONG').length;
    expect(timers.size).toBe(2);

    for (let beat = 1; beat <= 12; beat += 1) {
      for (const run of timers.values()) run();
      clock.advance(10_000);
      await until(() => pongs() >= beat);
    }
    say(visitor, { type: 'TALK', roomId: '7', sender: 'Ada', message: 'still here' });
    await until(() => visitor.heard.length === 1);

    expect(server.sessionCount).toBe(1);
    expect(visitor.errors).toEqual([]);
  });

  test('is given up when its beats stop coming', async () => {
    const clock = new FakeClock();
    const { server, url } = await startServer({}, { clock });
    const visitor = await visit(url, '7', ['websocket']);

    clock.advance(40_000);
    await until(() => visitor.errors.length === 1);

    expect(visitor.errors[0]).toMatch(/^Whoops! Lost connection/);
    expect(server.sessionCount).toBe(0);
  });

  test('leaves with a DISCONNECT', async () => {
    const { server, url } = await startServer();
    const { errors, ws } = await visit(url, '7');

    await new Promise<void>((resolve) => ws.disconnect(resolve));
    await until(() => server.sessionCount === 0);

    expect(errors).toEqual([]);
  });
});
