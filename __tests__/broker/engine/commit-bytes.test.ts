import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Changes } from '../../../broker/engine/embedded/changes.ts';
import { RoomFile } from '../../../broker/engine/embedded/room-file.ts';
import { RoomStore } from '../../../broker/engine/embedded/room-store.ts';
import type { Entry } from '../../../broker/engine/engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { turns } from '../../support/turns.ts';
import { startEmbedded } from './embedded-store.ts';
import { memoryEngine, sizedEntry } from './memory-store.ts';

const MIB = 1_024 * 1_024;
const limits = { historyBytes: 1_000 * MIB };

afterEach(() => {
  jest.restoreAllMocks();
});

function large(mib: number): Entry {
  const message = { headers: [], body: Buffer.alloc(mib * MIB) };
  return { destination: '/kept/a', message };
}

function bytesOf({ writes }: Changes): number {
  return writes.reduce((sum, { record }) => sum + record.length, 0);
}

describe('bytes that wait for their commit', () => {
  test('are counted until it', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits });
    const message = { headers: [['x', 'y']] as const, body: Buffer.alloc(100) };

    const appended = engine.append([
      { destination: '/kept/a', message },
      { destination: '/passing', message },
    ]);

    expect([engine.pendingBytes, engine.bytes]).toEqual([2 * 166, 2 * 166]);
    await appended;
    expect(engine.pendingBytes).toBe(0);
    // In the WAL, and in memory until it is in the file.
    expect(engine.bytes).toBeGreaterThan(100);
  });

  test('are at most 1 MiB of one commit, and the rest is for the next', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits });
    const commit = jest.spyOn(RoomStore.prototype, 'commit');

    await Promise.all(Array.from({ length: 12 }, () => engine.append([large(1 / 4 - 0.001)])));

    const sizes = commit.mock.calls.map(([changes]) => bytesOf(changes));
    expect(sizes).toHaveLength(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MIB);
  });

  test('may be more where a single list is', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits });
    const commit = jest.spyOn(RoomStore.prototype, 'commit');

    await Promise.all([engine.append([large(1), large(1), large(1)]), engine.append([large(1)])]);

    expect(commit.mock.calls.map(([{ writes }]) => writes.length)).toEqual([3, 1]);
  });

  test('are written by checkpoints of at most 2 MiB, before the write-ahead log is full', async () => {
    const engine = await startEmbedded(emptyFolder(), { limits });
    const checkpoint = jest.spyOn(RoomFile.prototype, 'commit');

    for (let at = 0; at < 12; at += 1) await engine.append([large(0.7)]);
    await turns(5);

    const sizes = checkpoint.mock.calls.map(([commits]) =>
      commits.reduce((sum, changes) => sum + bytesOf(changes), 0),
    );
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * MIB);
  });

  test('are delivered by the memory engine 1 MiB a turn', async () => {
    const engine = memoryEngine({ historyBytes: 1_000 * MIB, memoryBytes: 1_000 * MIB });
    const batches: number[] = [];
    await engine.start((batch) => void batches.push(batch.length));

    for (let at = 0; at < 5; at += 1) void engine.append([sizedEntry('x', MIB / 2)]);
    await turns(10);

    expect(batches).toEqual([2, 2, 1]);
  });
});
