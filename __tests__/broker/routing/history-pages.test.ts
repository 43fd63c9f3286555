import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resolveConfig } from '../../../broker/config.ts';
import type { HistoryQuery } from '../../../broker/engine/engine.ts';
import { MemoryEngine } from '../../../broker/engine/memory-engine.ts';
import { wholePacket } from '../../../broker/packet.ts';
import { HistoryPages } from '../../../broker/routing/history-pages.ts';
import { SharedTails } from '../../../broker/session/formats/shared-tails.ts';
import { type EncodingKey, StompFormat } from '../../../broker/session/formats/stomp-format.ts';
import { STOMP_VERSIONS } from '../../../broker/stomp/version.ts';
import { BareEncoding } from '../../support/bare-encoding.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { parseFrames } from '../../support/parse-frames.ts';

const KIB = 1_024;
const ROOM = '/topic/kept/7';

const BARE = new BareEncoding('bare');
const READERS: EncodingKey = {
  encoding: BARE,
  destinationHeader: null,
  subscriptionId: 's',
  version: '1.2',
};

function formatFor(readers: EncodingKey): StompFormat {
  return new StompFormat(readers, new SharedTails());
}

/** An engine that keeps all messages, and the pages of its histories. */
async function pagesOf(pagesBytes = 1_024 * KIB) {
  const engine = new MemoryEngine({
    clock: new FakeClock(),
    keeps: () => true,
    limits: resolveConfig({}),
    overheadBytes: 0,
  });
  await engine.start(() => undefined);
  const asked: HistoryQuery[] = [];
  const history = (query: HistoryQuery) => {
    asked.push(query);
    return engine.history(query);
  };
  const ends = (destination: string) => engine.ends(destination);
  const pages = new HistoryPages({ ends, history }, { pagesBytes });
  const say = async (...bodies: (string | Buffer)[]) => {
    await engine.append(
      bodies.map((body) => ({
        destination: ROOM,
        message: { headers: [], body: Buffer.from(body) },
      })),
    );
  };
  /** Reads to the end as a subscription does; returns the position and length of each message. */
  const readAll = async (from: number, readers = READERS) => {
    const got: string[] = [];
    for (let next = from; next <= (engine.ends(ROOM)?.head ?? 0); ) {
      const format = formatFor(readers);
      const recent = await pages.recent(ROOM, next, format);
      const page = recent ?? pages.encode(ROOM, await pages.read(ROOM, next, 1_000), format);
      if (page === null || page.last < next) throw new Error('it does not go on');
      next = page.last + 1;
      const { frames } = parseFrames(wholePacket(page.packet));
      got.push(
        ...frames.map(({ headers, body }) => `${headers['x-stream-offset']}:${body.length}`),
      );
    }
    return got;
  };
  const subscribers = () => asked.map(({ from, limit }) => `${from}+${limit}`);
  return { asked, pages, subscribers, readAll, say };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => 'x'.repeat(at + 1));
}

/** The result of `readAll` for the messages of `numbered`. */
function expectedFrom(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}:${from + at}`);
}

describe('the pages of a history', () => {
  test('are where readers meet who start at different positions', async () => {
    const { subscribers, readAll, say } = await pagesOf();
    await say(...numbered(200));

    const all = [await readAll(1), await readAll(50), await readAll(64), await readAll(65)];

    expect(all).toEqual([1, 50, 64, 65].map((from) => expectedFrom(from, 200)));
    expect(subscribers()).toEqual(['1+64', '65+64', '129+64', '193+64', '50+15', '64+1']);
  });

  test('are read once for many readers who get the same bytes', async () => {
    const { asked, pages, readAll, say } = await pagesOf();
    await say(...numbered(100));
    await readAll(1);
    const packet = (await pages.recent(ROOM, 1, formatFor(READERS)))?.packet;

    for (let reader = 0; reader < 10; reader += 1) await readAll(1, { ...READERS });

    expect(asked).toHaveLength(2);
    expect((await pages.recent(ROOM, 1, formatFor(READERS)))?.packet).toBe(packet);
  });

  test('obey a window, and do not go over their end for it', async () => {
    const { pages, subscribers, say } = await pagesOf();
    await say(...numbered(100));

    const few = await pages.read(ROOM, 10, 3);
    const last = await pages.read(ROOM, 60, 10);

    expect(few.publications.map(({ offset }) => offset)).toEqual([10, 11, 12]);
    expect(last.publications.map(({ offset }) => offset)).toEqual([60, 61, 62, 63, 64]);
    expect(subscribers()).toEqual(['10+3', '60+5']);
  });

  test('at the head are followed by what was said since, without gap or repeat', async () => {
    const { readAll, say } = await pagesOf();
    const texts = numbered(70);
    for (const cuts of [
      [0, 3],
      [3, 4],
      [4, 64],
      [64, 65],
      [65, 70],
    ]) {
      await say(...texts.slice(...cuts));
      expect(await readAll(1)).toEqual(expectedFrom(1, cuts[1] ?? 0));
      expect(await readAll(2)).toEqual(expectedFrom(2, cuts[1] ?? 0));
    }
  });

  test('are cut where there are too many bytes, and shared all the same', async () => {
    const { asked, readAll, say } = await pagesOf(64 * KIB * KIB);
    const body = Buffer.alloc(100 * KIB, 'y');
    await say(body, body, 'z', body, Buffer.alloc(150 * KIB), 'z');

    const [one, other] = [await readAll(1), await readAll(1)];

    const lengths = [100 * KIB, 100 * KIB, 1, 100 * KIB, 150 * KIB, 1];
    expect(one).toEqual(lengths.map((length, at) => `${at + 1}:${length}`));
    expect(other).toEqual(one);
    expect(asked.map(({ from }) => from)).toEqual([1, 2, 4, 5, 6]);
  });

  test('that are empty are nothing', async () => {
    const { pages } = await pagesOf();

    expect(pages.encode(ROOM, await pages.read(ROOM, 1, 10), formatFor(READERS))).toBeNull();
    expect(pages.recent(ROOM, 1, formatFor(READERS))).toBeUndefined();
  });
});

interface Question {
  readonly destination: string;
  readonly from: number;
  readonly readers: EncodingKey;
}

describe('what is kept of a page', () => {
  // Joined without care, these would be mistaken for one another.
  const anyName = fc.constantFrom('', ' ', 'x', 'x x', 'null', '=x', '"', '","');
  const anyReaders = fc.record({
    encoding: fc.constantFrom(BARE, new BareEncoding('other')),
    destinationHeader: fc.option(anyName),
    subscriptionId: fc.option(anyName),
    version: fc.constantFrom(...STOMP_VERSIONS),
  });
  const anyQuestion: fc.Arbitrary<Question> = fc.record({
    destination: anyName,
    from: fc.nat(12),
    readers: anyReaders,
  });

  /** The facts on which the bytes of a page depend, as a text. */
  function factsOf({ destination, from, readers }: Question): string {
    return JSON.stringify([destination, from, { ...readers, encoding: readers.encoding.name }]);
  }

  function keep(pages: HistoryPages, { destination, from, readers }: Question): void {
    const message = { headers: [], body: Buffer.from('hi') };
    const one = { id: 'm', destination, message, offset: from, isEphemeral: false };
    pages.encode(destination, { publications: [one], oldest: 1, head: 20 }, formatFor(readers));
  }

  test('is given to those who get the same bytes, and to nobody else', () => {
    const nothing = { publications: [], oldest: 0, head: 0 };
    const engine = { ends: () => nothing, history: () => Promise.resolve(nothing) };
    // Each of the six is equal half of the time, so most questions differ in one or two only.
    const takes = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(anyQuestion, anyQuestion, takes, (one, other, [a, b, c, d, e, f]) => {
        const asked: Question = {
          destination: (a ? one : other).destination,
          from: (b ? one : other).from,
          readers: {
            encoding: (c ? one : other).readers.encoding,
            destinationHeader: (d ? one : other).readers.destinationHeader,
            subscriptionId: (e ? one : other).readers.subscriptionId,
            version: (f ? one : other).readers.version,
          },
        };
        const pages = new HistoryPages(engine, { pagesBytes: KIB * KIB });
        keep(pages, one);

        const found = pages.recent(asked.destination, asked.from, formatFor(asked.readers));

        expect(found !== undefined).toBe(factsOf(asked) === factsOf(one));
      }),
      { numRuns: 5_000 },
    );
  });

  const at = (from: number): Question => ({ destination: ROOM, from, readers: READERS });
  const has = (pages: HistoryPages, from: number) =>
    pages.recent(ROOM, from, formatFor(READERS)) !== undefined;
  /** The smallest bound at which a page of `keep` is cached. */
  async function weight(): Promise<number> {
    let [tooLittle, enough] = [0, KIB * KIB];
    while (enough - tooLittle > 1) {
      const bytes = (tooLittle + enough) >> 1;
      const { pages } = await pagesOf(bytes);
      keep(pages, at(1));
      if (has(pages, 1)) enough = bytes;
      else tooLittle = bytes;
    }
    return enough;
  }

  test('is nothing where nothing may be kept', async () => {
    const { asked, pages, readAll, say } = await pagesOf(0);
    await say(...numbered(100));

    const [one, other] = [await readAll(1), await readAll(1)];

    expect([one, other]).toEqual([expectedFrom(1, 100), expectedFrom(1, 100)]);
    expect(asked).toHaveLength(4);
    expect(has(pages, 1)).toBe(false);
  });

  test('is as much as may be; what was read first goes first', async () => {
    const { pages } = await pagesOf(3 * (await weight()));
    for (const from of [1, 2, 3]) keep(pages, at(from));

    expect([1, 2, 3].map((from) => has(pages, from))).toEqual([true, true, true]);
    keep(pages, at(4));
    expect([1, 2, 3, 4].map((from) => has(pages, from))).toEqual([false, true, true, true]);
  });

  test('counts once, however often it is read, and goes last then', async () => {
    const { pages } = await pagesOf(3 * (await weight()));
    for (const from of [1, 2, 3]) keep(pages, at(from));

    for (let time = 0; time < 10; time += 1) keep(pages, at(1));

    expect([1, 2, 3].map((from) => has(pages, from))).toEqual([true, true, true]);
    keep(pages, at(4));
    expect([1, 2, 3, 4].map((from) => has(pages, from))).toEqual([true, false, true, true]);
  });

  test('is never one page that is more than may be kept', async () => {
    const { pages } = await pagesOf((await weight()) - 1);

    keep(pages, at(1));

    expect(has(pages, 1)).toBe(false);
  });
});
