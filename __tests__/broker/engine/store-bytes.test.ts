// The limit of the embedded engine's bytes on disk over all rooms, and its log lines about the disk.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { DiskWatch, Levels } from '../../../broker/engine/embedded/disk-watch.ts';
import { RoomStore } from '../../../broker/engine/embedded/room-store.ts';
import type { Engine, Entry } from '../../../broker/engine/engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { turns } from '../../support/turns.ts';
import { startEmbedded } from './embedded-store.ts';

const KIB = 1_024;

afterEach(() => {
  jest.restoreAllMocks();
});

function entry(text: string, room = 'a', bytes = 900): Entry {
  const body = Buffer.from(text.padEnd(bytes));
  return { destination: `/kept/${room}`, message: { headers: [], body } };
}

async function textsOf(engine: Engine, room: string): Promise<string[]> {
  const { publications } = await engine.history({
    ...{ destination: `/kept/${room}`, direction: 'forward', from: 'oldest', limit: 10_000 },
  });
  return publications.map(({ message }) => message.body.toString().trim());
}

describe('--store-bytes-max', () => {
  test('lets the oldest messages over all rooms go first', async () => {
    const clock = new FakeClock();
    const limits = { storeBytesMax: 10 * KIB };
    const engine = await startEmbedded(emptyFolder(), { clock, limits });
    for (let at = 0; at < 30; at += 1) {
      await engine.append([entry(`${at}`, 'abc'[at % 3])]);
      clock.advance(1_000);
    }

    const kept = await Promise.all(['a', 'b', 'c'].map((room) => textsOf(engine, room)));

    const all = kept.flat().map(Number);
    expect(all.length).toBeGreaterThan(7);
    expect(Math.min(...all)).toBe(30 - all.length);
    // About 1 KiB each, with what their keys take.
    expect(all.length * KIB).toBeLessThanOrEqual(10 * KIB);
  });

  test('takes from a silent room what a busy one needs, and keeps its positions', async () => {
    const clock = new FakeClock();
    const engine = await startEmbedded(emptyFolder(), {
      clock,
      limits: { storeBytesMax: 8 * KIB },
    });
    await engine.append([entry('silent', 'quiet')]);
    clock.advance(1_000);
    for (let at = 0; at < 10; at += 1) await engine.append([entry(`${at}`, 'busy')]);

    expect(engine.ends('/kept/quiet')).toEqual({ head: 1, oldest: 2 });
    expect(await engine.append([entry('again', 'quiet')])).toMatchObject({
      entries: [{ offset: 2 }],
    });
  });

  test('is obeyed after a restart with a lower one, though nothing is said', async () => {
    const folder = emptyFolder();
    const clock = new FakeClock();
    const first = await startEmbedded(folder, { clock });
    for (let at = 0; at < 40; at += 1) {
      await first.append([entry(`${at}`, `${at % 8}`)]);
      clock.advance(1_000);
    }
    await first.stop();

    const engine = await startEmbedded(folder, { clock, limits: { storeBytesMax: 10 * KIB } });
    const kept = async () => {
      const rooms = Array.from({ length: 8 }, (_, at) => textsOf(engine, `${at}`));
      return (await Promise.all(rooms)).flat().map(Number);
    };
    while ((await kept()).length > 10) await turns(1);

    const all = await kept();
    expect(all.length).toBeGreaterThan(7);
    expect(Math.min(...all)).toBe(40 - all.length);
  });

  test('makes appends wait where many small messages must go for a large one', async () => {
    const storeBytesMax = 400 * KIB;
    const engine = await startEmbedded(emptyFolder(), {
      limits: { historyCount: 100_000, storeBytesMax },
    });
    const small = Array.from({ length: 4_000 }, () => entry('x', 'a', 1));
    await engine.append(small);
    const commit = jest.spyOn(RoomStore.prototype, 'commit');

    for (let at = 0; at < 6; at += 1) await engine.append([entry('y', 'b', 100 * KIB)]);
    await turns(20);

    const removed = commit.mock.calls.map(([{ removals }]) =>
      removals.reduce((sum, { from, to }) => sum + to - from, 0),
    );
    // A commit lets go 1,024, and as many as it writes.
    expect(Math.max(...removed)).toBeLessThanOrEqual(1_025);
    expect(removed.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(4_000);
    expect(await textsOf(engine, 'a')).toEqual([]);
  });

  test('reads few messages for each that it lets go, once it knows the order', async () => {
    const clock = new FakeClock();
    const limits = { storeBytesMax: 200 * KIB };
    const engine = await startEmbedded(emptyFolder(), { clock, limits });
    for (let at = 0; at < 300; at += 1) {
      await engine.append([entry(`${at}`, `${at % 60}`)]);
      clock.advance(1_000);
    }
    const outline = jest.spyOn(RoomStore.prototype, 'outline');

    for (let at = 300; at < 400; at += 1) await engine.append([entry(`${at}`, `${at % 60}`)]);

    expect(outline.mock.calls.length).toBeLessThan(100 * 4);
  });

  test('goes on in the right order after a commit that failed', async () => {
    const clock = new FakeClock();
    const limits = { storeBytesMax: 10 * KIB };
    const engine = await startEmbedded(emptyFolder(), { clock, limits });
    for (let at = 0; at < 9; at += 1) {
      await engine.append([entry(`${at}`, 'abc'[at % 3])]);
      clock.advance(1_000);
    }
    jest.spyOn(RoomStore.prototype, 'commit').mockRejectedValueOnce(new Error('the disk is full'));
    expect(await engine.append([entry('no'), entry('no'), entry('no')])).toMatchObject({
      code: 'STORE_FAILED',
    });

    for (let at = 9; at < 15; at += 1) {
      await engine.append([entry(`${at}`, 'abc'[at % 3])]);
      clock.advance(1_000);
    }

    const kept = await Promise.all(['a', 'b', 'c'].map((room) => textsOf(engine, room)));
    const all = kept.flat().map(Number);
    expect(Math.min(...all)).toBe(15 - all.length);
  });
});

describe('the levels of a disk', () => {
  test('are told when they are reached, and again only after they were well left', () => {
    const levels = new Levels();

    const told = [0.5, 0.79, 0.8, 0.81, 0.79, 0.8, 0.96, 0.94, 0.96, 0.89, 0.95, 0.7, 0.99].map(
      (part) => levels.reach(part),
    );

    expect(told).toEqual([
      ...[null, null, 0.8, null, null, null, 0.95],
      ...[null, null, null, 0.95, null, 0.95],
    ]);
  });
});

describe('the disk', () => {
  test('is in the log at the start, and as the store fills', async () => {
    const clock = new FakeClock();
    const log = memoryLog();
    const limits = { storeBytesMax: 10 * KIB };
    const engine = await startEmbedded(emptyFolder(), { clock, limits, log });
    const [first] = log.lines;
    expect(first).toMatchObject({
      level: 'info',
      fields: { storeBytes: 0, storeBytesMax: 10 * KIB, diskFreeBytes: expect.any(Number) },
    });

    const told = async () => {
      clock.advance(60_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return log.lines.filter(({ text }) => /--store-bytes-max/.test(text)).length;
    };
    expect(await told()).toBe(0);
    for (let at = 0; at < 9; at += 1) await engine.append([entry(`${at}`)]);
    expect(await told()).toBe(1);
    for (let at = 0; at < 9; at += 1) await engine.append([entry(`${at}`)]);
    await told();
    expect(await told()).toBe(2);
  });

  test('may be one of which the system says nothing', async () => {
    const log = memoryLog();
    const watch = await DiskWatch.start({
      clock: new FakeClock(),
      folder: '/nowhere/at/all',
      log,
      storeBytesMax: 100,
      usedBytes: () => 81,
    });
    watch.stop();

    expect(log.lines.map(({ level }) => level)).toEqual(['info', 'warn']);
    expect(log.lines[0]?.fields).not.toHaveProperty('diskFreeBytes');
  });
});
