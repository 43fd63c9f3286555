import { closeSync, openSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RoomStore } from '../../../../broker/engine/embedded/room-store.ts';
import type { Engine, Entry, Publication } from '../../../../broker/engine/engine.ts';
import { lifeOf } from '../../../../shared/epoch.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { embeddedEngine, startEmbedded } from '../embedded-store.ts';

function entry(text: string, more: Partial<Entry> = {}): Entry {
  const message = { headers: [['x', text]] as const, body: Buffer.from(text) };
  return { destination: '/kept/a', message, ...more };
}

async function read(engine: Engine, destination = '/kept/a'): Promise<readonly Publication[]> {
  const query = { destination, from: 'oldest', direction: 'forward', limit: 10_000 } as const;
  return (await engine.history(query)).publications;
}

async function texts(engine: Engine): Promise<string[]> {
  return (await read(engine)).map(({ message }) => message.body.toString());
}

/** Lets what is to be done at the end of a turn be done. */
async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a restart on the same folder', () => {
  test('keeps life, positions, messages and their ids', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await first.append([entry('1'), entry('2')]);
    const [before, epoch] = [await read(first), first.epoch];
    await first.stop();

    const second = await startEmbedded(folder);
    const outcome = await second.append([entry('3')]);

    expect(lifeOf(second.epoch)).toBe(lifeOf(epoch));
    expect(second.epoch).not.toBe(epoch);
    expect(outcome).toMatchObject({ entries: [{ offset: 3 }] });
    expect((await read(second)).slice(0, 2)).toEqual(before);
    expect(await texts(second)).toEqual(['1', '2', '3']);
  });

  test('recognises what was said before it', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await first.append([entry('1', { deduplication: { id: 'a', digest: 'x' } })]);
    await first.stop();

    const second = await startEmbedded(folder);
    const same = await second.append([entry('1', { deduplication: { id: 'a', digest: 'x' } })]);
    const other = await second.append([entry('2', { deduplication: { id: 'a', digest: 'y' } })]);

    expect(same).toMatchObject({ entries: [{ type: 'duplicate', offset: 1 }] });
    expect(other).toMatchObject({ type: 'refused', code: 'ID_TAKEN' });
  });

  test('keeps facts', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    first.facts.set('room 7', '일곱');
    first.facts.set('room 8', 'eight');
    first.facts.set('room 8', null);
    await first.stop();

    const second = await startEmbedded(folder);

    expect([...second.facts.all('room ')]).toEqual([['room 7', '일곱']]);
  });

  test('goes on with the positions of a room whose messages are all gone', async () => {
    const folder = emptyFolder();
    const clock = new FakeClock();
    const limits = { historySeconds: 10 };
    const first = await startEmbedded(folder, { clock, limits });
    await first.append([entry('1'), entry('2')]);
    clock.advance(120_000);
    await first.append([entry('elsewhere', { destination: '/kept/b' })]);
    await first.stop();

    const second = await startEmbedded(folder, { clock, limits });

    expect(await texts(second)).toEqual([]);
    expect(second.ends('/kept/a')).toEqual({ oldest: 3, head: 2 });
  });
});

describe('retention', () => {
  test('keeps the newest so many', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: { historyCount: 3 } });

    for (const text of ['1', '2', '3', '4', '5']) await engine.append([entry(text)]);

    expect(await texts(engine)).toEqual(['3', '4', '5']);
    expect(engine.ends('/kept/a')).toEqual({ oldest: 3, head: 5 });
  });

  test('lets go within one commit what is too much for it', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: { historyCount: 2 } });

    await engine.append(['1', '2', '3', '4'].map((text) => entry(text)));

    expect(await texts(engine)).toEqual(['3', '4']);
  });

  test('is not outrun by commits that bring more than one lets go', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: { historyCount: 10 } });

    for (let at = 0; at < 3; at += 1) {
      await engine.append(Array.from({ length: 3_000 }, () => entry('x')));
    }

    expect(engine.ends('/kept/a')).toEqual({ oldest: 8_991, head: 9_000 });
  });

  test('keeps so many bytes', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: { historyBytes: 1_000 } });

    for (let at = 0; at < 10; at += 1) await engine.append([entry(`${at}`.repeat(200))]);

    const kept = await texts(engine);
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.length).toBeLessThan(5);
    expect(kept.at(-1)).toBe('9'.repeat(200));
  });

  test('keeps them so long, in a room where nothing more is said as well', async () => {
    const clock = new FakeClock();
    const engine = await startEmbedded(emptyFolder(), { clock, limits: { historySeconds: 100 } });
    await engine.append([entry('old')]);

    clock.advance(180_000);
    await engine.append([entry('elsewhere', { destination: '/kept/b' })]);

    expect(await texts(engine)).toEqual([]);
  });
});

describe('a commit', () => {
  test('waits, after a delivery, for what is said in answer to it', async () => {
    const sizes: number[] = [];
    const engine = embeddedEngine(emptyFolder());
    await engine.start((batch) => {
      sizes.push(batch.length);
      if (sizes.length > 1) return;
      void engine.append([entry('at once')]);
      // A socket does so if its answer came during the delivery.
      setImmediate(() => void engine.append([entry('a turn later')]));
    });

    await engine.append([entry('1')]);
    await turns(10);
    await engine.stop();

    expect(sizes).toEqual([1, 2]);
  });
});

describe('a stop', () => {
  test('that is asked for twice settles twice, whatever is being committed', async () => {
    const engine = await startEmbedded(emptyFolder());
    const outcome = engine.append([entry('1')]);

    await Promise.all([engine.stop(), engine.stop()]);

    expect(await outcome).toMatchObject({ type: 'appended' });
  });
});

describe('messages that are too old', () => {
  test('go a few rooms at a time', async () => {
    const clock = new FakeClock();
    const limits = { historySeconds: 100, streamsMax: 100 };
    const engine = await startEmbedded(emptyFolder(), { clock, limits });
    const rooms = Array.from({ length: 40 }, (_, at) => `/kept/${at}`);
    await engine.append(rooms.map((destination) => entry('old', { destination })));
    const commit = jest.spyOn(RoomStore.prototype, 'commit');

    clock.advance(180_000);
    await engine.append([entry('elsewhere')]);
    while (rooms.some((room) => engine.ends(room)?.oldest === 1)) await turns(1);

    expect(Math.max(...commit.mock.calls.map(([{ removals }]) => removals.length))).toBe(8);
    commit.mockRestore();
  });
});

describe('ids of messages', () => {
  test('are forgotten after a time', async () => {
    const clock = new FakeClock();
    const engine = await startEmbedded(emptyFolder(), {
      clock,
      limits: { deduplicationSeconds: 10 },
    });
    const said = entry('1', { deduplication: { id: 'a', digest: 'x' } });
    await engine.append([said]);

    clock.advance(11_000);

    expect(await engine.append([said])).toMatchObject({ entries: [{ offset: 2 }] });
  });

  test('are recognised in however many rooms, and however long they are', async () => {
    const folder = emptyFolder();
    const limits = { historyCount: 10_000, deduplicationCount: 10_000 };
    const first = await startEmbedded(folder, { limits });
    const said = (destination: string, at: number) =>
      entry('x', { destination, deduplication: { id: `${at} ${'i'.repeat(3_000)}`, digest: 'x' } });
    const many = (destination: string) =>
      Array.from({ length: 2_000 }, (_, at) =>
        entry('x', { destination, deduplication: { id: `${at}`, digest: 'x' } }),
      );
    for (const room of ['/kept/a', '/kept/b']) {
      await first.append([said(room, 1)]);
      await first.append(many(room));
    }
    await first.stop();
    const second = await startEmbedded(folder, { limits });

    const outcomes = await Promise.all(
      ['/kept/a', '/kept/b'].map((room) => second.append([said(room, 1), ...many(room).slice(-1)])),
    );

    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        entries: [
          { type: 'duplicate', offset: 1 },
          { type: 'duplicate', offset: 2_001 },
        ],
      });
    }
  });

  test('leave nothing on disk when their messages go', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: { historyCount: 2 } });
    const commit = jest.spyOn(RoomStore.prototype, 'commit');
    const said = (id: string) => entry('1', { deduplication: { id, digest: 'x' } });

    // More than are kept, in one commit and in several.
    await engine.append(['a', 'b', 'c'].map(said));
    await engine.append([said('d')]);
    await engine.append([said('a')]);

    const forgotten = commit.mock.calls.map(([changes]) =>
      changes.forgotten.map(({ deduplicationId }) => deduplicationId),
    );
    expect(forgotten).toEqual([['a'], ['b'], ['c']]);
    expect(await engine.append([said('d')])).toMatchObject({ entries: [{ type: 'duplicate' }] });
    commit.mockRestore();
  });

  test('that were used again stay when the first message goes', async () => {
    const clock = new FakeClock();
    const limits = { historyCount: 2, deduplicationSeconds: 10 };
    const engine = await startEmbedded(emptyFolder(), { clock, limits });
    const said = entry('1', { deduplication: { id: 'a', digest: 'x' } });
    await engine.append([said]);
    clock.advance(11_000);

    await engine.append([said]);
    await engine.append([entry('2')]);

    expect(await engine.append([said])).toMatchObject({
      entries: [{ type: 'duplicate', offset: 2 }],
    });
  });

  test('are forgotten after so many messages', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: { deduplicationCount: 2 } });
    const said = entry('1', { deduplication: { id: 'a', digest: 'x' } });
    await engine.append([said]);

    await engine.append([entry('2'), entry('3')]);

    expect(await engine.append([said])).toMatchObject({ entries: [{ offset: 4 }] });
  });
});

describe('the folder', () => {
  test('is held by one engine at a time', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    const second = embeddedEngine(folder);

    await expect(second.start(() => undefined)).rejects.toThrow(/in use by another process/);
    await first.stop();

    await expect(second.start(() => undefined)).resolves.toBeUndefined();
  });

  test('is free again after a process that was killed', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'lock'), '');

    await expect(startEmbedded(folder)).resolves.toBeDefined();
  });

  test('is made if it is not there', async () => {
    const folder = join(emptyFolder(), 'deeper', 'still', 'x'.repeat(100));

    await startEmbedded(folder);

    expect(statSync(folder).isDirectory()).toBe(true);
  });

  test('that the system does not give is told as such, and not as a port', async () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');

    const problem = await embeddedEngine(file)
      .start(() => undefined)
      .catch((error: unknown) => error);

    expect(String(problem)).toContain(`${file} cannot be used: EEXIST`);
    expect(problem).not.toHaveProperty('code');
  });

  test('with a file that is none of ours is refused, and free again', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'rooms.mdb'), 'not a database'.repeat(1_000));
    const engine = embeddedEngine(folder);

    await expect(engine.start(() => undefined)).rejects.toThrow(/rooms\.mdb is damaged/);
    await expect(embeddedEngine(folder).start(() => undefined)).rejects.toThrow(/is damaged/);
  });

  test('with a file whose pages were written over is refused', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    for (let at = 0; at < 20; at += 1) await engine.append([entry('x'.repeat(10_000))]);
    await engine.stop();

    const path = join(folder, 'rooms.mdb');
    const file = openSync(path, 'r+');
    const pages = statSync(path).size / 4_096;
    for (let at = 2; at < pages; at += 1)
      writeSync(file, Buffer.alloc(64, 0xff), 0, 64, at * 4_096);
    closeSync(file);

    await expect(startEmbedded(folder)).rejects.toThrow(/is damaged: it cannot be read/);
  });

  test('with a file that was cut short is refused', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    for (let at = 0; at < 20; at += 1) await engine.append([entry('x'.repeat(10_000))]);
    await engine.stop();

    truncateSync(join(folder, 'rooms.mdb'), 40_000);

    await expect(startEmbedded(folder)).rejects.toThrow(/is damaged: a part of it is missing/);
  });
});

describe('a commit that fails', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function failOnce() {
    jest.spyOn(RoomStore.prototype, 'commit').mockRejectedValueOnce(new Error('the disk is full'));
  }

  test('refuses what was in it and what came meanwhile, and delivers nothing of it', async () => {
    const delivered: Publication[] = [];
    const engine = embeddedEngine(emptyFolder());
    await engine.start((batch) => void delivered.push(...batch));
    failOnce();

    const outcomes = await Promise.all([
      engine.append([entry('1')]),
      engine.append([entry('2', { destination: '/passing' })]),
    ]);

    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ type: 'refused', code: 'STORE_FAILED' });
    }
    expect([delivered, engine.pending, await texts(engine)]).toEqual([[], 0, []]);
  });

  test('gives its positions back, and its ids', async () => {
    const engine = await startEmbedded(emptyFolder());
    const said = entry('1', { deduplication: { id: 'a', digest: 'x' } });
    failOnce();
    await engine.append([said]);

    const outcome = await engine.append([said]);

    expect(outcome).toMatchObject({ entries: [{ type: 'committed', offset: 1 }] });
  });

  test('is tried again once for all that fail meanwhile, where facts are concerned', async () => {
    const clock = new FakeClock();
    const engine = await startEmbedded(emptyFolder(), { clock });
    const commit = jest.spyOn(RoomStore.prototype, 'commit');
    commit.mockRejectedValue(new Error('the disk is full'));
    engine.facts.set('room 7', 'seven');
    for (let at = 0; at < 20; at += 1) {
      await engine.append([entry('x')]);
      clock.advance(10);
    }
    commit.mockClear();

    for (let at = 0; at < 60; at += 1) {
      clock.advance(100);
      await turns(3);
    }

    expect(commit).toHaveBeenCalledTimes(1);
  });

  test('is made up for by a stop, where facts are concerned', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    failOnce();
    engine.facts.set('room 7', 'seven');
    await engine.append([entry('1')]);

    await engine.stop();

    const again = await startEmbedded(folder);
    expect([...again.facts.all('')]).toEqual([['room 7', 'seven']]);
  });

  test('is made up for by a later one, where facts are concerned', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    failOnce();
    engine.facts.set('room 7', 'seven');
    await engine.append([entry('1')]);

    await engine.append([entry('2')]);
    await engine.stop();

    const again = await startEmbedded(folder);
    expect([...again.facts.all('')]).toEqual([['room 7', 'seven']]);
  });
});
