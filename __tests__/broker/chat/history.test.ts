import { describe, expect, test } from '@jest/globals';
import { History, type Piece } from '../../../broker/chat/history.ts';
import { type Config, resolveConfig } from '../../../broker/config.ts';
import type { HistoryQuery } from '../../../broker/engine/engine.ts';
import { MemoryEngine } from '../../../broker/engine/memory-engine.ts';
import { parseHistoryPage } from '../../../shared/history.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const JSON_TYPE = ['content-type', 'application/json'] as const;
const NEWEST: Piece = { type: 'newest' };
const rightBefore = (offset: number): Piece => ({ type: 'before', offset });
const rightAfter = (offset: number): Piece => ({ type: 'after', offset });

/** Histories over a memory engine whose reads are counted. */
function historyOf(settings: Partial<Config> = {}) {
  const config = resolveConfig(settings);
  const clock = new FakeClock();
  const engine = new MemoryEngine({ clock, keeps: () => true, limits: config, overheadBytes: 0 });
  void engine.start(() => undefined);
  const queries: HistoryQuery[] = [];
  const history = new History({
    engine: {
      ends: (destination) => engine.ends(destination),
      epoch: engine.epoch,
      history: (query) => {
        queries.push(query);
        return engine.history(query);
      },
    },
    pagesBytes: config.pagesBytes,
    roomOf: (roomId) => roomId,
  });
  const add = async (
    count: number,
    body = '"said"',
    headers: readonly (typeof JSON_TYPE)[] = [JSON_TYPE],
  ) => {
    const message = { headers, body: Buffer.from(body) };
    for (let at = 0; at < count; at += 1) await engine.append([{ destination: '7', message }]);
  };
  const pieces = (piece: Piece, limit = 3) => history.read('7', piece, limit);
  const page = async (piece: Piece, limit = 3) => {
    const text = Buffer.concat(await pieces(piece, limit)).toString();
    const parsed = parseHistoryPage(JSON.parse(text));
    if (parsed === null) throw new Error(`this is no page: ${text}`);
    return parsed;
  };
  const offsets = async (piece: Piece, limit = 3) =>
    (await page(piece, limit)).messages.map(({ offset }) => offset);
  return { add, engine, history, offsets, page, pieces, queries };
}

describe('a page of a history', () => {
  test('has the ends of what is kept, and each message as it was published', async () => {
    const { add, engine, page } = historyOf();
    await add(2, '{"text":"안녕"}');

    expect(await page(NEWEST)).toEqual({
      epoch: engine.epoch,
      oldest: 1,
      head: 2,
      messages: [
        { offset: 1, message: { text: '안녕' } },
        { offset: 2, message: { text: '안녕' } },
      ],
    });
  });

  test('is JSON, whatever the program has published in the room', async () => {
    const { add, page } = historyOf();
    await add(1, 'no JSON', []);
    await add(1, '', [JSON_TYPE]);
    await add(1);

    const { messages } = await page(NEWEST);

    expect(messages.map(({ message }) => message)).toEqual([null, null, 'said']);
  });

  test.each([
    ['newest', NEWEST, [8, 9, 10]],
    ['before a position', rightBefore(5), [2, 3, 4]],
    ['before all', rightBefore(1), []],
    ['before what is to come', rightBefore(1_000), [8, 9, 10]],
    ['after a position', rightAfter(5), [6, 7, 8]],
    ['after the last', rightAfter(10), []],
    ['after what is to come', rightAfter(1_000), []],
  ])('%s has the same messages the second time', async (_what, piece, expected) => {
    const { add, offsets } = historyOf();
    await add(10);

    expect(await offsets(piece)).toEqual(expected);
    expect(await offsets(piece)).toEqual(expected);
  });
});

describe('a page that many ask for', () => {
  test.each([
    ['newest', NEWEST],
    ['before', rightBefore(9)],
    ['after', rightAfter(5)],
    ['after, to the end', rightAfter(8)],
  ])('is read and encoded once: %s', async (_what, piece) => {
    const { add, pieces, queries } = historyOf();
    await add(10);

    const together = await Promise.all([pieces(piece), pieces(piece), pieces(piece)]);
    const later = await pieces(piece);

    expect(queries).toHaveLength(1);
    expect(new Set([...together, later].map(([, messages]) => messages)).size).toBe(1);
  });

  test('is read again only where something new belongs to it', async () => {
    const { add, offsets, queries } = historyOf();
    await add(10);
    for (const piece of [NEWEST, rightBefore(5), rightAfter(5), rightAfter(8)])
      await offsets(piece);
    await add(1);
    queries.length = 0;

    expect(await offsets(rightBefore(5))).toEqual([2, 3, 4]);
    expect(await offsets(rightAfter(5))).toEqual([6, 7, 8]);
    expect(queries).toHaveLength(0);
    expect(await offsets(NEWEST)).toEqual([9, 10, 11]);
    expect(await offsets(rightAfter(8))).toEqual([9, 10, 11]);
    expect(queries).toHaveLength(2);
  });

  test('tells the ends of now beside messages of before', async () => {
    const { add, page } = historyOf();
    await add(10);
    await page(rightBefore(5));
    await add(1);

    expect(await page(rightBefore(5))).toMatchObject({ head: 11, oldest: 1 });
  });

  test('is told no more when it is no longer kept', async () => {
    const { add, offsets } = historyOf({ historyCount: 10 });
    await add(10);
    expect(await offsets(rightBefore(4))).toEqual([1, 2, 3]);
    await add(2);

    expect(await offsets(rightBefore(4))).toEqual([3]);
    expect(await offsets(rightAfter(0))).toEqual([3, 4, 5]);
  });

  test('has what came before it was asked for, even if another read began earlier', async () => {
    const { add, offsets } = historyOf();
    await add(10);

    const first = offsets(rightAfter(9));
    const added = add(1);
    await added;
    expect(await offsets(rightAfter(9))).toEqual([10, 11]);
    await first;
  });
});

describe('what is kept for others', () => {
  test('is bounded by bytes', async () => {
    // Too large for Node's shared buffer pool, in any version.
    const { add, pieces, queries } = historyOf({ pagesBytes: 130_000 });
    await add(10, JSON.stringify('x'.repeat(40_000)));
    for (const at of [2, 3, 4, 5, 6]) await pieces(rightBefore(at), 1);
    queries.length = 0;

    await pieces(rightBefore(6), 1);
    await pieces(rightBefore(2), 1);

    expect(queries).toHaveLength(1);
  });

  test('is nothing where the setting is 0', async () => {
    const { add, offsets, queries } = historyOf({ pagesBytes: 0 });
    await add(10);
    for (let time = 0; time < 3; time += 1)
      expect(await offsets(rightBefore(5))).toEqual([2, 3, 4]);

    expect(queries).toHaveLength(3);
  });
});
