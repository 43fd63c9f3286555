import { describe, expect, test } from '@jest/globals';
import { resolveConfig } from '../../../broker/config.ts';
import { MemoryEngine } from '../../../broker/engine/memory-engine.ts';
import { BareEncoding } from '../../support/bare-encoding.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const ROOM = '/topic/kept/7';

/** A broker that counts the reads of histories. */
function countingBroker(settings: Parameters<typeof memoryBroker>[0] = {}) {
  const engine = new MemoryEngine({
    clock: new FakeClock(),
    keeps: (destination) => destination === ROOM,
    limits: resolveConfig(settings),
    overheadBytes: 0,
  });
  let reads = 0;
  const read = engine.history.bind(engine);
  engine.history = (query) => {
    reads += 1;
    return read(query);
  };
  const broker = memoryBroker(settings, { engine });
  const talker = broker.connect();
  const say = async (count: number, text = 'x') => {
    for (let said = 0; said < count; said += 1) talker.frame('SEND', { destination: ROOM }, text);
    await turns();
  };
  const readsIn = async (doing: () => Promise<unknown>) => {
    const before = reads;
    await doing();
    return reads - before;
  };
  return { broker, readsIn, say };
}

/** A wire encoding that counts the MESSAGEs encoded for it. */
function countingEncoding() {
  const encoding = new BareEncoding('counting');
  return { encoding, wrapped: () => encoding.prepared };
}

function subscribe(client: MemoryTransport, start = 'first') {
  client.frame('SUBSCRIBE', { id: '1', destination: ROOM, 'x-stream-offset': start });
}

/** The positions that were received, or the code of an ERROR. */
async function heard(client: MemoryTransport) {
  await turns(60);
  return client.take().map(({ headers }) => headers['x-stream-offset'] ?? headers.code);
}

const upTo = (last: number, from = 1) =>
  Array.from({ length: last - from + 1 }, (_, at) => String(from + at));

describe('pages that others got', () => {
  test('are read once for all who come back together', async () => {
    const { broker, readsIn, say } = countingBroker();
    await say(100);
    const clients = [broker.connect(), broker.connect(), broker.connect()];

    for (const client of clients) subscribe(client);

    const reads = await readsIn(async () => {
      for (const client of clients) expect(await heard(client)).toEqual(upTo(100));
    });
    expect(reads).toBe(2);
  });

  test('are made once even of large messages', async () => {
    const { broker, say } = countingBroker();
    await say(64, 'x'.repeat(8_192));
    const { encoding, wrapped } = countingEncoding();
    const clients = [broker.connect({}, { encoding }), broker.connect({}, { encoding })];
    const before = wrapped();

    for (const client of clients) subscribe(client);

    for (const client of clients) expect(await heard(client)).toEqual(upTo(64));
    expect(wrapped() - before).toBe(64);
  });

  test('are not made of messages that no socket takes as a whole', async () => {
    const { broker, say } = countingBroker();
    await say(3, 'x'.repeat(300_000));
    const { encoding, wrapped } = countingEncoding();
    const client = broker.connect({}, { encoding });
    const before = wrapped();

    subscribe(client);

    expect(await heard(client)).toEqual(upTo(3));
    expect(wrapped() - before).toBe(3);
  });

  test('are not small because earlier readers found few messages', async () => {
    const { broker, readsIn, say } = countingBroker();
    for (let said = 0; said < 32; said += 1) {
      await say(1);
      const early = broker.connect();
      subscribe(early);
      await turns(50);
    }
    const late = broker.connect();
    await say(1);
    const before = late.packetsOut;

    const reads = await readsIn(async () => {
      subscribe(late);
      expect(await heard(late)).toEqual(upTo(33));
    });

    expect(reads).toBe(1);
    expect(late.packetsOut - before).toBe(1);
  });

  test('are not used for a history that has grown since', async () => {
    const { broker, say } = countingBroker({ historyCount: 70 });
    await say(70);
    const early = broker.connect();
    subscribe(early);
    expect(await heard(early)).toEqual(upTo(70));
    const late = broker.connect();
    // It reads in a later turn than the commit of this message.
    const said = say(69);
    subscribe(late);
    await said;

    expect(await heard(late)).toEqual(upTo(139, 70));
  });

  test('do not give access to messages that are no longer kept', async () => {
    const { broker, say } = countingBroker({ historyCount: 70 });
    await say(70);
    const early = broker.connect();
    subscribe(early, 'offset=1');
    expect(await heard(early)).toEqual(upTo(70));
    const late = broker.connect();
    const said = say(69);
    subscribe(late, 'offset=1');
    await said;

    expect(await heard(late)).toEqual(['HISTORY_LOST']);
  });
});
