import { describe, expect, test } from '@jest/globals';
import { memoryBroker } from '../../../support/memory-broker.ts';
import type { MemoryTransport } from '../../../support/memory-transport.ts';
import { turns } from '../../../support/turns.ts';

/** The RECEIPTs since the last call. */
async function receipts(client: MemoryTransport): Promise<(string | undefined)[]> {
  await turns(10);
  return client.take().map(({ command, headers }) => headers['receipt-id'] ?? command);
}

function sends(client: MemoryTransport, from: number, to: number, more = {}): void {
  for (let at = from; at <= to; at += 1) {
    client.frame('SEND', { destination: '/topic/a', receipt: `${at}`, ...more });
  }
}

describe('a client beyond its rate', () => {
  test('of SENDs is read more slowly, and loses nothing', async () => {
    const { clock, connect } = memoryBroker({ sendRate: 2 });
    const client = connect();

    sends(client, 1, 7);
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/b', receipt: 'subscribed' });

    expect(await receipts(client)).toEqual(['1', '2', '3', '4']);
    clock.advance(500);
    expect(await receipts(client)).toEqual(['5']);
    for (let at = 0; at < 2; at += 1) {
      clock.advance(500);
      await turns();
    }
    expect(await receipts(client)).toEqual(['6', '7', 'subscribed']);
    expect(client.closedWith).toBeNull();
  });

  test('counts a SEND once more for each eight encodings that it causes', async () => {
    const { clock, connect } = memoryBroker({ sendRate: 2 });
    const [client, ...listeners] = [connect(), connect(), connect()];
    for (const [at, listener] of listeners.entries()) {
      for (let id = 0; id < 8; id += 1) {
        listener.frame('SUBSCRIBE', { id: `${at}-${id}`, destination: '/topic/a' });
      }
    }

    sends(client, 1, 3);

    // The bucket holds four tokens; each SEND takes one, and two more for its sixteen encodings.
    expect(await receipts(client)).toEqual(['1', '2']);
    clock.advance(1_000);
    expect(await receipts(client)).toEqual([]);
    clock.advance(500);
    expect(await receipts(client)).toEqual(['3']);
  });

  test('counts a SEND once where its receivers share an encoding', async () => {
    const { connect } = memoryBroker({ sendRate: 2 });
    const client = connect();
    for (let at = 0; at < 20; at += 1) {
      connect().frame('SUBSCRIBE', { id: 'same', destination: '/topic/a' });
    }

    sends(client, 1, 4);

    expect(await receipts(client)).toEqual(['1', '2', '3', '4']);
  });

  test('of frames is read more slowly, whatever they are', async () => {
    const { clock, connect } = memoryBroker({ frameRate: 1 });
    const client = connect();

    client.frame('BEGIN', { transaction: 't', receipt: '1' });
    client.frame('ABORT', { transaction: 't', receipt: '2' });
    client.frame('BEGIN', { transaction: 't', receipt: '3' });

    expect(await receipts(client)).toEqual(['1', '2']);
    clock.advance(1_000);
    expect(await receipts(client)).toEqual(['3']);
  });

  test('of SUBSCRIBEs may still send', async () => {
    const { clock, connect } = memoryBroker({ subscribeRate: 1 });
    const [client, other] = [connect(), connect()];
    for (const id of ['1', '2', '3']) {
      client.frame('SUBSCRIBE', { id, destination: '/topic/b', receipt: id });
    }
    sends(other, 1, 3);

    expect(await receipts(client)).toEqual(['1', '2']);
    expect(await receipts(other)).toEqual(['1', '2', '3']);
    clock.advance(1_000);
    expect(await receipts(client)).toEqual(['3']);
  });

  test('of SUBSCRIBEs that read a history may subscribe without one', async () => {
    const { clock, connect } = memoryBroker({ historyRate: 1 });
    const [client, other] = [connect(), connect()];
    for (const id of ['1', '2', '3']) {
      const headers = { id, destination: '/topic/kept/a', receipt: id, 'x-stream-offset': 'first' };
      client.frame('SUBSCRIBE', headers);
    }
    other.frame('SUBSCRIBE', { id: 's', destination: '/topic/kept/a', receipt: 'next' });

    expect(await receipts(client)).toEqual(['1', '2']);
    expect(await receipts(other)).toEqual(['next']);
    clock.advance(1_000);
    expect(await receipts(client)).toEqual(['3']);
  });

  test('waits with the SENDs of a transaction, not with its COMMIT', async () => {
    const { clock, connect } = memoryBroker({ sendRate: 1 });
    const client = connect();
    client.frame('BEGIN', { transaction: 't' });
    sends(client, 1, 3, { transaction: 't' });
    client.frame('COMMIT', { transaction: 't', receipt: 'committed' });

    expect(await receipts(client)).toEqual(['1', '2']);
    clock.advance(1_000);
    expect(await receipts(client)).toEqual(['3', 'committed']);
  });

  test('gains nothing by a reconnect', async () => {
    const { connect } = memoryBroker({ sendRate: 2 });
    const first = connect();
    sends(first, 1, 4);
    await receipts(first);
    first.lose();

    const second = connect();
    sends(second, 5, 5);

    expect(await receipts(second)).toEqual([]);
  });

  test('hinders no other address', async () => {
    const { connect } = memoryBroker({ sendRate: 2 });
    const one = connect({}, { peer: '192.0.2.1' });
    sends(one, 1, 9);

    const other = connect({}, { peer: '192.0.2.2' });
    sends(other, 1, 4);

    expect(await receipts(other)).toEqual(['1', '2', '3', '4']);
  });

  test('is its user, wherever that comes from, and not the others of its address', async () => {
    const { connect } = memoryBroker({ sendRate: 1, trustLogin: true });
    const kim = connect({ login: 'Kim' }, { peer: '192.0.2.1' });
    sends(kim, 1, 2);
    const again = connect({ login: 'Kim' }, { peer: '192.0.2.2' });
    sends(again, 3, 3);
    const lee = connect({ login: 'Lee' }, { peer: '192.0.2.1' });
    sends(lee, 4, 4);

    expect(await receipts(kim)).toEqual(['1', '2']);
    expect(await receipts(again)).toEqual([]);
    expect(await receipts(lee)).toEqual(['4']);
  });

  test('takes turns with others of its address', async () => {
    const { clock, connect } = memoryBroker({ sendRate: 2 });
    const [greedy, modest] = [connect(), connect()];
    sends(greedy, 1, 40);
    sends(modest, 1, 1);
    await receipts(greedy);

    clock.advance(500);
    await receipts(greedy);
    clock.advance(500);

    expect(await receipts(modest)).toEqual(['1']);
  });

  test('is not given up for the silence in which it is not read', async () => {
    const { clock, connect } = memoryBroker({ sendRate: 1, heartBeatMs: 1_000 });
    const client = connect({ 'heart-beat': '1000,1000' });
    sends(client, 1, 100);

    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      await turns();
    }

    expect(client.closedWith).toBeNull();
    expect(client.heartBeats + client.packetsOut).toBeGreaterThan(60);
  });

  test('stops its transport when much of its input waits', async () => {
    const { clock, connect } = memoryBroker({ sendRate: 1 });
    const client = connect();
    const body = 'x'.repeat(1_000);
    for (let at = 0; at < 100; at += 1) client.frame('SEND', { destination: '/topic/a' }, body);

    expect(client.isPaused).toBe(true);
    for (let second = 0; second < 100; second += 1) {
      clock.advance(1_000);
      await turns();
    }
    expect(client.isPaused).toBe(false);
  });

  test('that is lost still has its frames handled, in time', async () => {
    const { clock, connect, ended } = memoryBroker({ sendRate: 1 });
    const reader = connect({}, { peer: '192.0.2.9' });
    reader.frame('SUBSCRIBE', { id: 's', destination: '/topic/a' });
    const client = connect();
    sends(client, 1, 4);
    client.lose();

    for (let second = 0; second < 3; second += 1) {
      await turns();
      clock.advance(1_000);
    }
    await turns();

    expect(reader.take()).toHaveLength(4);
    expect(ended).toHaveLength(1);
  });

  test('that is closed meanwhile has no more frames handled, and holds no memory', async () => {
    const { clock, connect, opened, parts } = memoryBroker({ sendRate: 1 });
    const client = connect();
    sends(client, 1, 4);
    client.frame('SEND', { destination: '/topic/a' }, 'x'.repeat(10_000));
    await receipts(client);

    opened[0]?.close('DRAINING');
    client.lose();
    await turns();
    const held = parts.memory.used;
    clock.advance(10_000);

    expect(held).toBe(0);
    expect(await receipts(client)).toEqual([]);
    expect(client.closedWith?.reason).toBe('DRAINING');
  });

  test('counts the frame that waits as memory that the session holds', async () => {
    const { clock, connect, opened, parts } = memoryBroker({ sendRate: 1 });
    const client = connect();
    sends(client, 1, 2);
    await receipts(client);

    client.frame('SEND', { destination: '/topic/a' }, 'x'.repeat(10_000));
    const held = [opened[0]?.heldBytes, parts.memory.used];
    clock.advance(1_000);
    await receipts(client);

    for (const bytes of held) expect(bytes).toBeGreaterThan(10_000);
    expect(parts.memory.used).toBe(0);
  });
});

test('rates of 0 are no limits', async () => {
  const none = { frameRate: 0, historyRate: 0, sendRate: 0, subscribeRate: 0 };
  const { clock, connect } = memoryBroker(none);
  const before = clock.taskCount;
  const client = connect();

  sends(client, 1, 500);

  expect(await receipts(client)).toHaveLength(500);
  expect(clock.taskCount).toBe(before);
});
