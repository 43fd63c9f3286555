import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { TestBroker } from '../../../broker/testing/test-broker.ts';
import { Inbox } from '../../stories/clients/stomp-clients.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { frameText } from '../../support/frame-text.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { connectedClient, startTestBroker } from '../../support/start-test-broker.ts';
import { turns } from '../../support/turns.ts';

const CONNECT = frameText('CONNECT', { 'accept-version': '1.2', 'heart-beat': '0,1000' });

/** A client that only records its messages. */
async function rawClient(broker: TestBroker) {
  const socket = broker.webSocket();
  const heard: string[] = [];
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  socket.onmessage = ({ data }) => heard.push(typeof data === 'string' ? data : 'binary');
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
  });
  socket.send(CONNECT);
  await turns();
  const session = /session:(\w+)/.exec(heard.shift() ?? '')?.[1] ?? '';
  return { closed, heard, session, socket };
}

describe('dropReceipts', () => {
  test('loses the next RECEIPTs, and nothing of what they are for', async () => {
    const broker = startTestBroker();
    const { heard, socket } = await rawClient(broker);
    broker.faults.dropReceipts(1);

    socket.send(frameText('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'one' }));
    socket.send(frameText('SEND', { destination: '/topic/x', receipt: 'two' }, 'hi'));
    await turns();

    expect(heard.map((frame) => frame.split('\n', 1)[0])).toEqual(['MESSAGE', 'RECEIPT']);
    expect(heard[1]).toContain('receipt-id:two');
  });

  test('may be for one session', async () => {
    const broker = startTestBroker();
    const [ada, bob] = [await rawClient(broker), await rawClient(broker)];
    broker.faults.dropReceipts(5, { session: ada.session });

    for (const { socket } of [ada, bob]) {
      socket.send(frameText('SEND', { destination: '/topic/x', receipt: 'r' }));
    }
    await turns();

    expect([ada.heard.length, bob.heard.length]).toEqual([0, 1]);
  });
});

describe('cutFrame', () => {
  test('lets half a frame through, at the end of a character, and ends the connection', async () => {
    const broker = startTestBroker();
    const { closed, heard, socket } = await rawClient(broker);
    socket.send(frameText('SUBSCRIBE', { id: '1', destination: '/topic/x' }));
    await broker.subscribed('/topic/x');

    broker.faults.cutFrame();
    await broker.publish('/topic/x', '가'.repeat(100));
    await broker.publish('/topic/x', 'never heard');

    expect(await closed).toBe(1006);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/^MESSAGE\n[^\0]*가$/);
    expect(broker.sessionCount).toBe(0);
  });

  test('does the same over a network', async () => {
    const broker = startTestBroker();
    const { url } = await broker.listen();
    const client = await SocketClient.connect(url);
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
    await broker.subscribed('/topic/x');

    broker.faults.cutFrame();
    await broker.publish('/topic/x', 'hello');

    expect(await client.expectClose()).toMatchObject({ code: 1006 });
    expect(client.frames.map(({ command }) => command)).toEqual(['CONNECTED']);
  });

  test('lets half of a RECEIPT through as well', async () => {
    const broker = startTestBroker();
    const { tcpPort } = await broker.listen();
    const socket = connect(tcpPort ?? 0, '127.0.0.1').on('error', () => undefined);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.write(frameText('CONNECT', { 'accept-version': '1.2', host: 'test' }));
    await once(socket, 'data');

    heard = '';
    broker.faults.cutFrame();
    socket.write(frameText('SEND', { destination: '/topic/x', receipt: 'r'.repeat(100) }));
    await once(socket, 'close');

    expect(heard).toMatch(/^\n*RECEIPT\n[^\0]+$/);
  });

  test('lets stompjs come back and hear what follows', async () => {
    const broker = startTestBroker();
    const heard: string[] = [];
    const { client } = await connectedClient(broker, { reconnectDelay: 1 });
    const listen = () => client.subscribe('/topic/x', ({ body }) => heard.push(body));
    listen();
    await broker.subscribed('/topic/x');
    const back = new Promise<void>((resolve) => {
      client.onConnect = () => {
        listen();
        resolve();
      };
    });

    broker.faults.cutFrame();
    await broker.publish('/topic/x', 'lost');
    await back;
    await broker.subscribed('/topic/x');
    await broker.publish('/topic/x', 'found');
    await turns();

    expect(heard).toEqual(['found']);
  });
});

describe('freezeReaders', () => {
  test('lets what is sent pile up, and thaw delivers it in order', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);
    const inbox = await Inbox.open(client, '/topic/x');
    const heard: string[] = [];

    broker.faults.freezeReaders();
    for (const body of ['1', '2', '3']) await broker.publish('/topic/x', body);
    broker.faults.thaw();
    for (let at = 0; at < 3; at += 1) heard.push((await inbox.next()).body);

    expect(heard).toEqual(['1', '2', '3']);
  });

  test('sheds a session whose pile grows too large, when it is given up or reads again', async () => {
    const clock = new FakeClock();
    const broker = startTestBroker({ unsentBytesMax: 1_000 }, { clock });
    const [frozen, patient, other] = [
      await rawClient(broker),
      await rawClient(broker),
      await rawClient(broker),
    ];
    for (const { socket } of [frozen, patient, other]) {
      socket.send(frameText('SUBSCRIBE', { id: '1', destination: '/topic/x' }));
    }
    await broker.subscribed('/topic/x', { count: 3 });

    broker.faults.freezeReaders({ session: frozen.session });
    broker.faults.freezeReaders({ session: patient.session });
    await broker.publish('/topic/x', 'x'.repeat(2_000));
    await turns();
    broker.faults.thaw({ session: patient.session });
    clock.advance(2_000);

    expect(await patient.closed).toBe(4000);
    expect(patient.heard.map((frame) => frame.split('\n', 1)[0])).toEqual(['MESSAGE', 'ERROR']);
    expect(await frozen.closed).toBe(1006);
    expect(frozen.heard).toEqual([]);
    expect(other.heard).toHaveLength(1);
    expect(broker.sessionCount).toBe(1);
  });
});

test('stopHeartBeats keeps the broker silent, and everything else as it is', async () => {
  const clock = new FakeClock();
  const broker = startTestBroker({ heartBeatMs: 1_000 }, { clock });
  const { heard, socket } = await rawClient(broker);
  clock.advance(2_000);
  await turns();
  expect(heard.splice(0)).toContain('\n');

  broker.faults.stopHeartBeats();
  clock.advance(5_000);
  socket.send(frameText('SEND', { destination: '/topic/x', receipt: 'r' }));
  await turns();

  expect(heard).toEqual([expect.stringMatching(/^RECEIPT/)]);
});

describe('refuseConnects', () => {
  test('ends the next connections before a word is said', async () => {
    const broker = startTestBroker();
    const events: string[] = [];
    broker.faults.refuseConnects(1);

    const socket = broker.webSocket();
    socket.onopen = () => events.push('open');
    socket.onerror = () => events.push('error');
    const code = await new Promise((resolve) => {
      socket.onclose = (closing) => resolve(closing.code);
    });

    expect([...events, code]).toEqual(['error', 1006]);
    expect((await rawClient(broker)).session).not.toBe('');
  });

  test('makes stompjs try again', async () => {
    const broker = startTestBroker();
    broker.faults.refuseConnects(3);

    const { session } = await connectedClient(broker, { reconnectDelay: 1 });

    expect(session).not.toBe('');
  });
});

test('disconnectAll ends connections without a word, and others are left alone', async () => {
  const broker = startTestBroker();
  const [ada, bob] = [await rawClient(broker), await rawClient(broker)];

  broker.faults.disconnectAll({ session: ada.session });
  expect(await ada.closed).toBe(1006);
  expect(broker.sessionCount).toBe(1);
  broker.faults.disconnectAll();

  expect(await bob.closed).toBe(1006);
});

test('clear makes everything work again', async () => {
  const broker = startTestBroker();
  const { heard, session, socket } = await rawClient(broker);
  broker.faults.dropReceipts(3);
  broker.faults.cutFrame({ session });
  broker.faults.freezeReaders();
  broker.faults.refuseConnects();

  broker.faults.clear();
  socket.send(frameText('SEND', { destination: '/topic/x', receipt: 'r' }));
  await turns();

  expect(heard).toHaveLength(1);
  expect((await rawClient(broker)).session).not.toBe('');
});
