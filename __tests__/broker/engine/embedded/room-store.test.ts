// The embedded engine over its two files: commits that are only in the write-ahead log (WAL), commits
// that a checkpoint wrote to the rooms' file, and the state of both when the process ends in between.

import { cpSync, existsSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { RoomFile } from '../../../../broker/engine/embedded/room-file.ts';
import type { Engine, Entry } from '../../../../broker/engine/engine.ts';
import { MemoryEngine } from '../../../../broker/engine/memory-engine.ts';
import { lifeOf } from '../../../../shared/epoch.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { memoryLog } from '../../../support/memory-log.ts';
import { turns } from '../../../support/turns.ts';
import { embeddedEngine, ROOMY, startEmbedded } from '../embedded-store.ts';

const ROOM = '/kept/a';
/** More messages than stay in the WAL for long. */
const MANY = 700;
const MIB = 1_024 * 1_024;

afterEach(() => {
  jest.restoreAllMocks();
});

function entry(text: string, more: Partial<Entry> = {}): Entry {
  return { destination: ROOM, message: { headers: [], body: Buffer.from(text) }, ...more };
}

function numbered(count: number): Entry[] {
  return Array.from({ length: count }, (_, at) => entry(`${at + 1}`));
}

async function textsOf(engine: Engine, destination = ROOM): Promise<string[]> {
  const query = { destination, from: 'oldest', direction: 'forward', limit: 10_000 } as const;
  const { publications } = await engine.history(query);
  return publications.map(({ message }) => message.body.toString());
}

function textsUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${at + 1}`);
}

/** A copy of the files as they are now: the state that a killed process leaves behind. */
function crashed(folder: string): string {
  const copy = emptyFolder();
  for (const name of ['rooms.mdb', 'rooms.journal']) cpSync(join(folder, name), join(copy, name));
  return copy;
}

function errorsOf({ lines }: ReturnType<typeof memoryLog>): string[] {
  return lines.filter(({ level }) => level === 'error').map(({ text }) => text);
}

function failCheckpoints() {
  return jest.spyOn(RoomFile.prototype, 'commit').mockRejectedValue(new Error('the disk is full'));
}

/** Waits until the rest of the WAL is not worth a checkpoint. */
async function untilCheckpoint(checkpoint: jest.SpiedFunction<RoomFile['commit']>): Promise<void> {
  await turns(5);
  while (checkpoint.mock.results.length === 0) await turns(1);
  await Promise.all(checkpoint.mock.results.map(({ value }) => value));
  await turns(5);
}

describe('a process that was killed', () => {
  test('has what was committed a moment before', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    await engine.append([entry('1'), entry('2', { deduplication: { id: 'a', digest: 'x' } })]);
    engine.facts.set('room 7', 'seven');
    engine.facts.set('room 8', 'eight');
    await engine.append([entry('3')]);
    engine.facts.set('room 8', null);
    await engine.append([entry('4')]);

    const again = await startEmbedded(crashed(folder));

    expect(lifeOf(again.epoch)).toBe(lifeOf(engine.epoch));
    expect(await textsOf(again)).toEqual(['1', '2', '3', '4']);
    expect([...again.facts.all('')]).toEqual([['room 7', 'seven']]);
    const repeated = await again.append([entry('2', { deduplication: { id: 'a', digest: 'x' } })]);
    expect(repeated).toMatchObject({ entries: [{ type: 'duplicate', offset: 2 }] });
  });

  test('has the commits before and after a checkpoint', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    const checkpoint = jest.spyOn(RoomFile.prototype, 'commit');
    for (const one of numbered(MANY)) await engine.append([one]);
    await untilCheckpoint(checkpoint);
    await engine.append([entry(`${MANY + 1}`)]);

    const again = await startEmbedded(crashed(folder));

    expect(await textsOf(again)).toEqual(textsUpTo(MANY + 1));
    expect(await again.append([entry('next')])).toMatchObject({
      entries: [{ offset: MANY + 2 }],
    });
  });

  test('has what was said after the write-ahead log went round', async () => {
    const limits = { historyBytes: 100 * MIB };
    const folder = emptyFolder();
    const engine = await startEmbedded(folder, { limits });
    const large = Array.from({ length: 30 }, () => entry('x'.repeat(3_000)));
    for (let at = 0; at < 100; at += 1) await engine.append(large);
    failCheckpoints();
    expect(await engine.append(large)).toMatchObject({ type: 'appended' });
    jest.restoreAllMocks();

    const again = await startEmbedded(crashed(folder), {
      limits: { ...limits, historyCount: 5_000 },
    });

    expect(again.ends(ROOM)).toEqual(engine.ends(ROOM));
    expect(await textsOf(again)).toEqual(await textsOf(engine));
  });

  test('may be killed again and again', async () => {
    let folder = emptyFolder();
    for (let at = 1; at <= 5; at += 1) {
      const engine = await startEmbedded(folder);
      await engine.append([entry(`${at}`)]);
      folder = crashed(folder);
    }

    expect(await textsOf(await startEmbedded(folder))).toEqual(textsUpTo(5));
  });

  test('is not started without its write-ahead log', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    await engine.append([entry('1')]);
    const left = crashed(folder);
    unlinkSync(join(left, 'rooms.journal'));

    const problem = embeddedEngine(left).start(() => undefined);

    await expect(problem).rejects.toThrow(/rooms\.journal is damaged: it cannot be opened/);
  });

  test('is not started with the write-ahead log of others', async () => {
    const [one, other] = [emptyFolder(), emptyFolder()];
    for (const folder of [one, other]) await (await startEmbedded(folder)).append([entry('1')]);
    const left = crashed(one);
    cpSync(join(other, 'rooms.journal'), join(left, 'rooms.journal'));

    const problem = embeddedEngine(left).start(() => undefined);

    await expect(problem).rejects.toThrow(/rooms\.journal is damaged: it belongs to other rooms/);
  });

  test('leaves a write-ahead log that nobody takes for that of another file', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    await engine.append([entry('1')]);
    const left = crashed(folder);
    rmSync(join(left, 'rooms.mdb'));

    const again = await startEmbedded(left);

    expect(lifeOf(again.epoch)).not.toBe(lifeOf(engine.epoch));
    expect(await textsOf(again)).toEqual([]);
  });
});

describe('a process that was stopped', () => {
  test('leaves everything in one file', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    await engine.append(numbered(3));
    await engine.stop();

    expect(readdirSync(folder).filter((name) => !/lock/.test(name))).toEqual(['rooms.mdb']);
    expect(await textsOf(await startEmbedded(folder))).toEqual(textsUpTo(3));
  });

  test('leaves its write-ahead log where the file could not be written, and loses nothing', async () => {
    const folder = emptyFolder();
    const log = memoryLog();
    const engine = await startEmbedded(folder, { log });
    await engine.append(numbered(3));
    failCheckpoints();
    await engine.stop();
    jest.restoreAllMocks();

    expect(errorsOf(log)).toEqual([expect.stringMatching(/left behind/)]);
    expect(existsSync(join(folder, 'rooms.journal'))).toBe(true);
    expect(await textsOf(await startEmbedded(folder))).toEqual(textsUpTo(3));
  });
});

describe('a history that is in both files', () => {
  test('is read without a seam, in both directions', async () => {
    const engine = await startEmbedded(emptyFolder());
    const checkpoint = jest.spyOn(RoomFile.prototype, 'commit');
    for (const one of numbered(MANY)) await engine.append([one]);
    await untilCheckpoint(checkpoint);
    failCheckpoints();
    await engine.append([entry(`${MANY + 1}`)]);

    expect(await textsOf(engine)).toEqual(textsUpTo(MANY + 1));
    const { publications } = await engine.history({
      destination: ROOM,
      direction: 'backward',
      from: 'newest',
      limit: MANY + 1,
    });
    expect(publications.map(({ offset }) => offset)).toEqual(
      textsUpTo(MANY + 1)
        .map(Number)
        .reverse(),
    );
    jest.restoreAllMocks();
  });
});

describe('an id that was used again', () => {
  test('stands for its newest message, while a checkpoint writes the first one', async () => {
    const clock = new FakeClock();
    const engine = await startEmbedded(emptyFolder(), {
      clock,
      limits: { deduplicationSeconds: 10 },
    });
    const said = entry('again', { deduplication: { id: 'a', digest: 'x' } });
    await engine.append([said]);
    clock.advance(11_000);
    // A checkpoint writes the first commit, and the other, which is large, cannot be written.
    const { commit } = RoomFile.prototype;
    const checkpoint = jest.spyOn(RoomFile.prototype, 'commit').mockImplementation(async function (
      this: RoomFile,
      ...args
    ) {
      if (checkpoint.mock.calls.length > 1) throw new Error('the disk is full');
      await commit.apply(this, args);
    });
    await engine.append([...numbered(1_100), said]);
    await untilCheckpoint(checkpoint).catch(() => undefined);

    expect(checkpoint.mock.calls.map(([commits]) => commits.length)).toEqual([1, 1]);
    expect(await engine.append([said])).toMatchObject({
      entries: [{ type: 'duplicate', offset: 1_102 }],
    });
    jest.restoreAllMocks();
  });
});

describe('a file that cannot be written', () => {
  test('does not keep anybody from talking, as long as the write-ahead log has room', async () => {
    const clock = new FakeClock();
    const log = memoryLog();
    const engine = await startEmbedded(emptyFolder(), { clock, log });
    const checkpoint = failCheckpoints();

    for (const one of numbered(MANY)) {
      expect(await engine.append([one])).toMatchObject({ type: 'appended' });
    }

    expect(checkpoint).toHaveBeenCalledTimes(1);
    expect(errorsOf(log)).toEqual([expect.stringMatching(/the write-ahead log waits/)]);
    expect(await textsOf(engine)).toEqual(textsUpTo(MANY));
    jest.restoreAllMocks();
  });

  test('is logged once, however long there was much to write', async () => {
    const log = memoryLog();
    const engine = await startEmbedded(emptyFolder(), { log });
    const { commit } = RoomFile.prototype;
    let attempts = 0;
    jest.spyOn(RoomFile.prototype, 'commit').mockImplementation(async function (
      this: RoomFile,
      ...args
    ) {
      attempts += 1;
      if (attempts > 100) throw new Error('the disk is full');
      await commit.apply(this, args);
      // Others commit in the meantime, at every point of it.
      await turns(attempts % 7);
    });
    const talk = async () => {
      while (attempts <= 100) await engine.append(numbered(300));
    };

    await Promise.all([talk(), talk()]);
    await turns(5);

    const waits = log.lines.filter(({ text }) => /the write-ahead log waits/.test(text));
    expect(waits.length).toBe(1);
    jest.restoreAllMocks();
  });

  test('is tried again after a while', async () => {
    const clock = new FakeClock();
    const engine = await startEmbedded(emptyFolder(), { clock });
    failCheckpoints();
    for (const one of numbered(MANY)) await engine.append([one]);
    jest.restoreAllMocks();
    const checkpoint = jest.spyOn(RoomFile.prototype, 'commit');

    clock.advance(5_000);
    await untilCheckpoint(checkpoint);

    expect(checkpoint).toHaveBeenCalled();
    expect(await textsOf(engine)).toEqual(textsUpTo(MANY));
  });

  test('has what no longer fits in the write-ahead log refused, and nothing that fitted', async () => {
    const limits = { historyBytes: 100 * MIB };
    const folder = emptyFolder();
    const clock = new FakeClock();
    const engine = await startEmbedded(folder, { clock, limits });
    failCheckpoints();
    const large = entry('x'.repeat(100_000));

    let kept = 0;
    while ((await engine.append([large])).type === 'appended') kept += 1;

    expect(kept).toBeGreaterThan(30);
    expect(await engine.append([large])).toMatchObject({ code: 'STORE_FAILED' });
    jest.restoreAllMocks();
    const again = await startEmbedded(crashed(folder), { limits });
    expect(again.ends(ROOM)).toEqual({ head: kept, oldest: 1 });
    expect(await again.append([large])).toMatchObject({ entries: [{ offset: kept + 1 }] });
    clock.advance(1_000);
    await turns(5);
    expect(await engine.append([large])).toMatchObject({ entries: [{ offset: kept + 1 }] });
  });
});

describe('lists that nearly fill the write-ahead log', () => {
  test('are there after a kill, whatever a checkpoint wrote before', async () => {
    const limits = { historyBytes: 100 * MIB };
    const folder = emptyFolder();
    const engine = await startEmbedded(folder, { limits });
    const listOf = (mib: number) => [entry('x'.repeat(mib * MIB)), ...numbered(300)];
    const checkpoint = jest.spyOn(RoomFile.prototype, 'commit');
    await engine.append(listOf(1.5));
    await untilCheckpoint(checkpoint);
    failCheckpoints();

    let head = 301;
    for (const mib of [2.8, 1.3, 2.1]) {
      const outcome = await engine.append(listOf(mib));
      if (outcome.type === 'appended') head += 301;
    }

    expect(head).toBeGreaterThan(301);
    jest.restoreAllMocks();
    const again = await startEmbedded(crashed(folder), { limits });
    expect(again.ends(ROOM)).toEqual({ head, oldest: 1 });
  });
});

describe('a list that is larger than the write-ahead log', () => {
  test('is committed all the same, after what was said before', async () => {
    const limits = { historyBytes: 100 * MIB };
    const folder = emptyFolder();
    const engine = await startEmbedded(folder, { limits });
    const large = Array.from({ length: 60 }, () => entry('x'.repeat(100_000)));
    await engine.append([entry('before')]);

    const outcome = await engine.append(large);
    await engine.append([entry('after')]);

    expect(outcome).toMatchObject({ type: 'appended' });
    const again = await startEmbedded(crashed(folder), { limits });
    const texts = await textsOf(again);
    expect(texts.length).toBe(62);
    expect([texts[0], texts[1]?.length, texts[61]]).toEqual(['before', 100_000, 'after']);
  });

  test('is refused where the file cannot be written, and leaves no trace', async () => {
    const limits = { historyBytes: 100 * MIB };
    const folder = emptyFolder();
    const engine = await startEmbedded(folder, { limits });
    failCheckpoints();

    const outcome = await engine.append([entry('x'.repeat(5 * MIB))]);

    expect(outcome).toMatchObject({ type: 'refused', code: 'STORE_FAILED' });
    jest.restoreAllMocks();
    expect(await textsOf(await startEmbedded(crashed(folder), { limits }))).toEqual([]);
  });
});

describe('whatever is said, and whenever the process is killed or stopped', () => {
  const LIMITS = { ...ROOMY, historyCount: 300, deduplicationCount: 200 };
  const rooms = fc.constantFrom('/kept/a', '/kept/b', '/kept/c');
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: fc.constant('say' as const), room: rooms }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('repeat' as const),
        room: rooms,
        id: fc.nat({ max: 40 }),
      }),
    },
    // Enough for checkpoints, with more than is kept at times.
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('say many' as const),
        room: rooms,
        count: fc.nat({ max: 400 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ type: 'turns' } as const) },
    { weight: 2, arbitrary: fc.constant({ type: 'crash' } as const) },
    { weight: 1, arbitrary: fc.constant({ type: 'stop' } as const) },
  );

  test('there is the same as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = new FakeClock();
        const keeps = (destination: string) => destination.startsWith('/kept/');
        const model = new MemoryEngine({
          clock,
          keeps,
          limits: { ...LIMITS, memoryBytes: 100 * MIB },
          overheadBytes: 0,
        });
        await model.start(() => undefined);
        let folder = emptyFolder();
        let engine = await startEmbedded(folder, { limits: LIMITS });
        for (const [at, one] of steps.entries()) {
          if (one.type === 'turns') await turns(3);
          if (one.type === 'stop') await engine.stop();
          if (one.type === 'crash') {
            const left = crashed(folder);
            await engine.stop();
            folder = left;
          }
          if (one.type === 'stop' || one.type === 'crash') {
            engine = await startEmbedded(folder, { limits: LIMITS });
          }
          const entries = entriesOf(one, at);
          if (entries.length === 0) continue;
          expect(await engine.append(entries)).toEqual(await model.append(entries));
        }
        for (const room of ['/kept/a', '/kept/b', '/kept/c']) {
          expect(engine.ends(room)).toEqual(model.ends(room));
          expect(await textsOf(engine, room)).toEqual(await textsOf(model, room));
        }
        await engine.stop();
      }),
      { numRuns: 40 },
    );
  });

  type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

  function entriesOf(one: Step, at: number): Entry[] {
    if (one.type === 'say') return [entry(`${at}`, { destination: one.room })];
    if (one.type === 'repeat') {
      const deduplication = { id: `${one.id}`, digest: 'x' };
      return [entry(`${at}`, { destination: one.room, deduplication })];
    }
    if (one.type !== 'say many') return [];
    return Array.from({ length: one.count }, (_, number) =>
      entry(`${at}.${number}`, {
        destination: one.room,
        deduplication: { id: `${at}.${number}`, digest: 'x' },
      }),
    );
  }
});
