// A store whose file cannot be written: what is tried, what is refused, and what is told.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { FileRoom } from '../../../broker/engine/embedded/file-room.ts';
import { RoomFile } from '../../../broker/engine/embedded/room-file.ts';
import type { Entry } from '../../../broker/engine/engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { turns } from '../../support/turns.ts';
import { startEmbedded } from './embedded-store.ts';

const MIB = 1_024 * 1_024;
const LIMITS = { historyBytes: 100 * MIB };
const LARGE: Entry = {
  destination: '/kept/a',
  message: { headers: [], body: Buffer.alloc(200_000) },
};

afterEach(() => {
  jest.restoreAllMocks();
});

/** An engine whose WAL is full, because checkpoints fail. */
async function fullEngine() {
  const clock = new FakeClock();
  const log = memoryLog();
  const engine = await startEmbedded(emptyFolder(), { clock, limits: LIMITS, log });
  const attempts = jest
    .spyOn(RoomFile.prototype, 'commit')
    .mockRejectedValue(new Error('the disk is full'));
  while ((await engine.append([LARGE])).type === 'appended');
  return { attempts, clock, engine, log };
}

/** Lets time pass, a second at a time, with what it brings about. */
async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let at = 0; at < seconds; at += 1) {
    clock.advance(1_000);
    await turns(2);
  }
}

describe('a file that cannot be written', () => {
  test('is tried with growing pauses, however much is appended meanwhile', async () => {
    const { attempts, clock, engine } = await fullEngine();
    attempts.mockClear();

    for (let at = 0; at < 100; at += 1) {
      expect(await engine.append([LARGE])).toMatchObject({ code: 'STORE_FAILED' });
    }
    expect(attempts).toHaveBeenCalledTimes(0);
    await pass(clock, 127);

    // After 1, 2, 4, 8, 16, 32 and 60 seconds.
    expect(attempts).toHaveBeenCalledTimes(7);
  });

  test('is logged with each attempt, and not with each message that is refused', async () => {
    const { clock, engine, log } = await fullEngine();
    const before = log.lines.filter(({ level }) => level === 'error').length;

    for (let at = 0; at < 100; at += 1) await engine.append([LARGE]);
    await pass(clock, 1);

    const after = log.lines.filter(({ level }) => level === 'error').length;
    expect(after - before).toBe(1);
  });

  test('leaves the engine ready for as long as the write-ahead log has room', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits: LIMITS });
    const attempts = jest
      .spyOn(RoomFile.prototype, 'commit')
      .mockRejectedValue(new Error('the disk is full'));

    for (let at = 0; at < 8; at += 1) await engine.append([LARGE]);
    await turns(5);

    expect(attempts).toHaveBeenCalled();
    expect(engine.state).toBe('accepting');
  });

  test('is told by the engine once it refuses, until it can be written again', async () => {
    const { clock, engine, log } = await fullEngine();
    expect(engine.state).toBe('failing');

    jest.restoreAllMocks();
    await pass(clock, 2);
    while (engine.state === 'failing') await turns(1);

    expect(log.lines.at(-1)).toMatchObject({ level: 'info', text: expect.stringMatching(/again/) });
    expect(await engine.append([LARGE])).toMatchObject({ type: 'appended' });
  });

  test('ends, after --store-retry-ms, in a store that accepts nothing', async () => {
    const clock = new FakeClock();
    const log = memoryLog();
    const limits = { ...LIMITS, storeRetryMs: 100_000 };
    const engine = await startEmbedded(emptyFolder(), { clock, limits, log });
    jest.spyOn(RoomFile.prototype, 'commit').mockRejectedValue(new Error('the disk is full'));
    for (let at = 0; at < 8; at += 1) await engine.append([LARGE]);
    await pass(clock, 90);
    expect(engine.state).toBe('accepting');

    await pass(clock, 40);

    expect(engine.state).toBe('given-up');
    expect(await engine.append([LARGE])).toMatchObject({ code: 'STORE_FAILED' });
    const told = log.lines.filter(({ text }) => /nothing is accepted/.test(text));
    expect(told).toMatchObject([{ level: 'error' }]);
    jest.restoreAllMocks();
    await pass(clock, 60);
    while (engine.state === 'given-up') await turns(1);
    expect(await engine.append([LARGE])).toMatchObject({ type: 'appended' });
  });
});

describe('room in the file', () => {
  test('is made before LMDB writes, so that LMDB never meets a full disk', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder, { limits: LIMITS });
    const content = () => readFileSync(join(folder, 'rooms.mdb'));
    const before = content();
    const ensure = jest.spyOn(FileRoom.prototype, 'ensure').mockRejectedValue(new Error('ENOSPC'));

    while ((await engine.append([LARGE])).type === 'appended');

    expect(ensure).toHaveBeenCalled();
    // Every transaction, even one that fails, would write pages.
    expect(content().equals(before)).toBe(true);
  });

  test('is enough for what LMDB writes', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder, { limits: { ...LIMITS, historyCount: 5_000 } });
    const sizes: number[] = [];
    const { commit } = RoomFile.prototype;
    const { ensure } = FileRoom.prototype;
    const size = () => statSync(join(folder, 'rooms.mdb')).size;
    jest.spyOn(FileRoom.prototype, 'ensure').mockImplementation(async function (
      this: FileRoom,
      ...args
    ) {
      await ensure.apply(this, args);
      sizes.push(size());
    });
    jest.spyOn(RoomFile.prototype, 'commit').mockImplementation(async function (
      this: RoomFile,
      ...args
    ) {
      await commit.apply(this, args);
      // The file has not grown since room was made.
      sizes.push(size());
    });

    for (let at = 0; at < 60; at += 1) {
      const list = Array.from({ length: 300 }, (_, number): Entry => {
        const id = `${(at * 300 + number) * 7_919}`.padStart(12, 'x');
        const destination = `/kept/${(at + number) % 90}`;
        const body = Buffer.alloc((number * 37) % 3_000);
        return { destination, message: { headers: [], body }, deduplication: { id, digest: 'x' } };
      });
      await engine.append(list);
    }
    await engine.stop();

    expect(sizes.length).toBeGreaterThan(40);
    for (let at = 0; at < sizes.length; at += 2) expect(sizes[at + 1]).toBe(sizes[at]);
  });
});
