import { describe, expect, test } from '@jest/globals';
import { entry, memoryEngine, sizedEntry, textsOf } from './memory-store.ts';

describe('retention by count', () => {
  test('lets the oldest go, and goes on counting', async () => {
    const engine = memoryEngine({ historyCount: 3 });

    for (const text of ['1', '2', '3', '4', '5']) await engine.append([entry(text)]);

    const page = await engine.history({
      ...{ destination: '/a', from: 'oldest', direction: 'forward', limit: 10 },
    });
    expect(page).toMatchObject({ oldest: 3, head: 5 });
    expect(page.publications.map(({ offset }) => offset)).toEqual([3, 4, 5]);
  });

  test('holds within one list as well', async () => {
    const engine = memoryEngine({ historyCount: 2 });

    await engine.append(['1', '2', '3'].map((text) => entry(text)));

    expect(await textsOf(engine)).toEqual(['2', '3']);
  });

  test('is of each destination on its own', async () => {
    const engine = memoryEngine({ historyCount: 1 });

    await engine.append([entry('1'), entry('2', { destination: '/b' })]);

    expect(await textsOf(engine, '/a')).toEqual(['1']);
    expect(await textsOf(engine, '/b')).toEqual(['2']);
  });

  test('of none gives positions and keeps nothing', async () => {
    const engine = memoryEngine({ historyCount: 0 });

    const outcome = await engine.append([entry('1'), entry('2')]);

    expect(outcome).toMatchObject({ entries: [{ offset: 1 }, { offset: 2 }] });
    const query = { destination: '/a', from: 'oldest', direction: 'forward', limit: 10 } as const;
    expect(await engine.history(query)).toEqual({ publications: [], oldest: 3, head: 2 });
  });

  test('gives what is kept to a reader who asks for what is gone', async () => {
    const engine = memoryEngine({ historyCount: 2 });
    await engine.append(['1', '2', '3', '4'].map((text) => entry(text)));

    const forward = await engine.history({
      ...{ destination: '/a', from: 1, direction: 'forward', limit: 10 },
    });
    const backward = await engine.history({
      ...{ destination: '/a', from: 2, direction: 'backward', limit: 10 },
    });

    expect(forward.publications.map(({ offset }) => offset)).toEqual([3, 4]);
    expect(backward.publications).toEqual([]);
  });

  test('still delivers what is let go at once', async () => {
    const delivered: number[] = [];
    const engine = memoryEngine({ historyCount: 1 });
    await engine.start((batch) => void delivered.push(...batch.map(({ offset }) => offset ?? 0)));

    await engine.append([entry('1'), entry('2'), entry('3')]);

    expect(delivered).toEqual([1, 2, 3]);
  });
});

describe('retention of repeats', () => {
  const once = { deduplication: { id: 'a', digest: 'd1' } };

  test('ends with the message: after that the id is free', async () => {
    const engine = memoryEngine({ historyCount: 2 });
    await engine.append([entry('once', once), entry('2'), entry('3')]);

    const outcome = await engine.append([
      entry('else', { deduplication: { id: 'a', digest: 'd2' } }),
    ]);

    expect(outcome).toMatchObject({ entries: [{ type: 'committed', offset: 4 }] });
  });

  test('begins anew with an id that is said again', async () => {
    const engine = memoryEngine({ historyCount: 2 });
    await engine.append([entry('once', once), entry('2'), entry('3')]);
    await engine.append([entry('once', once)]);

    const outcome = await engine.append([entry('5'), entry('once', once)]);

    expect(outcome).toMatchObject({ entries: [{ offset: 5 }, { type: 'duplicate', offset: 4 }] });
  });

  test('does not let a duplicate push the first one out', async () => {
    const engine = memoryEngine({ historyCount: 2 });
    await engine.append([entry('once', once), entry('2')]);

    await engine.append([entry('once', once)]);

    expect(await textsOf(engine)).toEqual(['once', '2']);
  });
});

describe('retention by bytes', () => {
  test('lets the oldest go until the rest fits', async () => {
    const engine = memoryEngine({ historyBytes: 100 });

    await engine.append([sizedEntry('1', 40), sizedEntry('2', 60)]);
    const before = await textsOf(engine);
    await engine.append([sizedEntry('3', 50)]);

    expect(before).toEqual(['1', '2']);
    expect(await textsOf(engine)).toEqual(['3']);
  });

  test('counts headers, and more than their octets', async () => {
    const engine = memoryEngine({ historyBytes: 100 });
    const message = { headers: [['n', 'v']] as const, body: Buffer.alloc(0) };

    await engine.append([sizedEntry('1', 40), { destination: '/a', message }]);

    expect(await textsOf(engine)).toEqual(['']);
  });

  test('counts what a message costs besides its octets', async () => {
    const engine = memoryEngine({ historyBytes: 100 }, { overheadBytes: 40 });

    await engine.append([sizedEntry('1', 10), sizedEntry('2', 10), sizedEntry('3', 10)]);

    expect(await textsOf(engine)).toEqual(['2', '3']);
  });

  test('keeps nothing of a message that is larger than all', async () => {
    const engine = memoryEngine({ historyBytes: 100 });

    const outcome = await engine.append([sizedEntry('1', 10), sizedEntry('2', 101)]);

    expect(outcome).toMatchObject({ entries: [{ offset: 1 }, { offset: 2 }] });
    expect(await textsOf(engine)).toEqual([]);
  });
});

describe('retention by bytes over all destinations', () => {
  test('takes from the one that is silent for longest, its oldest first', async () => {
    const engine = memoryEngine({ memoryBytes: 100 });
    for (const [text, destination] of [
      ['1', '/a'],
      ['2', '/a'],
      ['3', '/b'],
      ['4', '/c'],
    ] as const)
      await engine.append([sizedEntry(text, 25, destination)]);

    await engine.append([sizedEntry('5', 25, '/c')]);

    expect(await textsOf(engine, '/a')).toEqual(['2']);
    expect(await textsOf(engine, '/b')).toEqual(['3']);
    expect(await textsOf(engine, '/c')).toEqual(['4', '5']);
  });

  test('spares the one that was just spoken at', async () => {
    const engine = memoryEngine({ memoryBytes: 100 });
    for (const [text, destination] of [
      ['1', '/a'],
      ['2', '/b'],
      ['3', '/a'],
    ] as const)
      await engine.append([sizedEntry(text, 30, destination)]);

    await engine.append([sizedEntry('4', 30, '/c')]);

    expect(await textsOf(engine, '/a')).toEqual(['1', '3']);
    expect(await textsOf(engine, '/b')).toEqual([]);
    expect(await textsOf(engine, '/c')).toEqual(['4']);
  });

  test('empties as many as it must', async () => {
    const engine = memoryEngine({ memoryBytes: 100 });
    for (const destination of ['/a', '/b', '/c', '/d'])
      await engine.append([sizedEntry('1', 25, destination)]);

    await engine.append([sizedEntry('2', 90, '/e')]);

    for (const destination of ['/a', '/b', '/c', '/d'])
      expect(await textsOf(engine, destination)).toEqual([]);
    expect(await textsOf(engine, '/e')).toEqual(['2']);
  });

  test('keeps nothing of a message that is larger than all', async () => {
    const engine = memoryEngine({ memoryBytes: 100 });

    await engine.append([sizedEntry('1', 101)]);

    expect(await textsOf(engine)).toEqual([]);
  });

  test('remembers the positions of one that it emptied', async () => {
    const engine = memoryEngine({ memoryBytes: 100 });
    await engine.append([sizedEntry('1', 60, '/a')]);
    await engine.append([sizedEntry('2', 60, '/b')]);

    const outcome = await engine.append([sizedEntry('3', 10, '/a')]);

    expect(outcome).toMatchObject({ entries: [{ offset: 2 }] });
  });

  test('is right after many appends at many places', async () => {
    const engine = memoryEngine({ memoryBytes: 1_000, historyBytes: 200 });
    const places = Array.from({ length: 30 }, (_, index) => `/p${index}`);

    for (let at = 0; at < 500; at += 1) {
      const destination = places[(at * 7) % 30] ?? '';
      await engine.append([sizedEntry('x', 1 + ((at * 13) % 150), destination)]);
    }

    const pages = await Promise.all(
      places.map((destination) =>
        engine.history({ destination, from: 'oldest', direction: 'forward', limit: 1_000 }),
      ),
    );
    const kept = pages.flatMap(({ publications }) => publications);
    const bytes = kept.reduce((sum, { message }) => sum + message.body.length, 0);
    expect(bytes).toBeLessThanOrEqual(1_000);
    expect(bytes).toBeGreaterThan(1_000 - 150);
  });
});
