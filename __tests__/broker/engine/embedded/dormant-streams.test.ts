// Streams of the embedded engine that made room for others, on disk and over restarts.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Engine, Entry, Publication } from '../../../../broker/engine/engine.ts';
import { MemoryEngine } from '../../../../broker/engine/memory-engine.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { turns } from '../../../support/turns.ts';
import { embeddedEngine, ROOMY, startEmbedded } from '../embedded-store.ts';

/** Streams are without messages at once. */
const NOTHING_KEPT = { historyCount: 0, streamsMax: 3 };

function entry(room: string | number): Entry {
  const message = { headers: [], body: Buffer.from('x') };
  return { destination: `/kept/${room}`, message };
}

async function sayAt(engine: Engine, room: string | number): Promise<unknown> {
  const outcome = await engine.append([entry(room)]);
  return outcome.type === 'appended' ? outcome.entries[0]?.offset : outcome.code;
}

/** A copy of the files as they are now: the state that a killed process leaves behind. */
function crashed(folder: string): string {
  const copy = emptyFolder();
  for (const name of ['rooms.mdb', 'rooms.journal']) cpSync(join(folder, name), join(copy, name));
  return copy;
}

describe('a dormant stream', () => {
  test('goes on after a restart, from the file or from the write-ahead log', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder, { limits: NOTHING_KEPT });
    for (let at = 0; at < 6; at += 1) await sayAt(first, 'a');
    for (let at = 0; at < 10; at += 1) await sayAt(first, at);
    const left = crashed(folder);
    await first.stop();

    for (const where of [folder, left]) {
      const engine = await startEmbedded(where, { limits: NOTHING_KEPT });
      expect(engine.ends('/kept/a')).toEqual({ head: 6, oldest: 7 });
      expect(await sayAt(engine, 'a')).toBe(7);
      expect(await sayAt(engine, 3)).toBe(2);
      await engine.stop();
    }
  });

  test('keeps the terms that tell whose positions it had', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder, { limits: NOTHING_KEPT });
    const { epoch } = first;
    await sayAt(first, 'a');
    for (let at = 0; at < 5; at += 1) await sayAt(first, at);
    await first.stop();
    const second = await startEmbedded(folder, { limits: NOTHING_KEPT });
    await sayAt(second, 'a');
    for (let at = 0; at < 5; at += 1) await sayAt(second, at);
    await second.stop();

    const third = await startEmbedded(folder, { limits: NOTHING_KEPT });
    const standings = [2, 3].map((offset) => third.resolve('/kept/a', { epoch, offset }));

    // Position 2 is where the second term began.
    expect(standings).toEqual(['known', 'foreign']);
  });

  test('leaves its number to no other, so that every id is given once', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder, { limits: NOTHING_KEPT });
    // The newest numbers become dormant.
    for (const room of ['a', 'b', 'c', 'd', 'e', 'f', 'a', 'b', 'c']) await sayAt(first, room);
    await first.stop();
    const delivered: Publication[] = [];
    const second = embeddedEngine(folder, { limits: NOTHING_KEPT });
    await second.start((batch) => void delivered.push(...batch));

    for (const room of ['new', 'f', 'e']) await sayAt(second, room);

    const numbers = delivered.map(({ id }) => id.split('-').at(-1));
    expect(numbers).toEqual(['7.1', '6.2', '5.2']);
  });

  test('is forgotten where too many are, those with the lowest heads first', async () => {
    const limits = { ...NOTHING_KEPT, dormantStreamsMax: 20 };
    const folder = emptyFolder();
    let engine = await startEmbedded(folder, { limits });
    const { epoch } = engine;
    for (let at = 0; at < 50; at += 1) await sayAt(engine, 'high');
    for (let round = 0; round < 4; round += 1) {
      for (let at = 0; at < 10; at += 1) await sayAt(engine, `${round}.${at}`);
      await engine.stop();
      engine = await startEmbedded(folder, { limits });
    }

    expect(engine.ends('/kept/high')).toEqual({ head: 50, oldest: 51 });
    // The stream may have existed and been forgotten: no position may be given twice.
    const { head = 0 } = engine.ends('/kept/0.0') ?? {};
    expect(head).toBeGreaterThan(0);
    expect(head).toBeLessThan(10);
    expect(engine.ends('/kept/never seen')?.head).toBe(head);
    expect(await sayAt(engine, 'never seen')).toBe(head + 1);
    expect(engine.resolve('/kept/not seen', { epoch, offset: 2 })).toBe('foreign');
  });
});

describe('whatever comes and goes', () => {
  const rooms = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ type: fc.constant('say' as const), room: rooms }) },
    { weight: 4, arbitrary: fc.constant({ type: 'time' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'turns' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'crash' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'stop' as const }) },
  );
  const LIMITS = { ...ROOMY, historySeconds: 100, streamsMax: 3 };

  test.each([1_000, 2])('no position is given twice, where %d are remembered', async (max) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new FakeClock();
        const limits = { ...LIMITS, dormantStreamsMax: max };
        let folder = emptyFolder();
        let engine = await startEmbedded(folder, { clock, limits });
        const heads = new Map<string, number>();
        for (const one of steps) {
          if (one.type === 'turns') await turns(5);
          if (one.type === 'time') {
            clock.advance(161_000);
            await turns(5);
          }
          if (one.type === 'crash' || one.type === 'stop') {
            const left = one.type === 'crash' ? crashed(folder) : folder;
            await engine.stop();
            folder = left;
            engine = await startEmbedded(folder, { clock, limits });
          }
          if (one.type !== 'say') continue;
          const before = engine.ends(`/kept/${one.room}`)?.head ?? 0;
          const outcome = await engine.append([entry(one.room)]);
          if (outcome.type === 'refused') {
            expect(outcome.code).toBe('STORE_FULL');
            continue;
          }
          const offset = outcome.entries[0]?.offset ?? 0;
          const head = heads.get(one.room) ?? 0;
          if (max === 1_000) expect(offset).toBe(head + 1);
          else expect(offset).toBeGreaterThan(head);
          expect(offset).toBeGreaterThan(before);
          heads.set(one.room, offset);
        }
        await engine.stop();
      }),
      { numRuns: 12 },
    );
  });

  test('no position is given twice by the memory engine', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rooms, { maxLength: 200 }), async (said) => {
        const engine = new MemoryEngine({
          clock: new FakeClock(),
          keeps: () => true,
          limits: { ...LIMITS, historyCount: 0, memoryBytes: 1_000 },
          overheadBytes: 0,
        });
        await engine.start(() => undefined);
        const heads = new Map<string, number>();
        for (const room of said) {
          const { head = 0 } = engine.ends(`/kept/${room}`) ?? {};
          const offset = Number(await sayAt(engine, room));
          expect(offset).toBe(head + 1);
          expect(offset).toBeGreaterThan(heads.get(room) ?? 0);
          heads.set(room, offset);
        }
      }),
    );
  });
});
