// Records that are not as they were written: each is gone, and nothing else is.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EmbeddedEngine } from '../../../broker/engine/embedded/embedded-engine.ts';
import {
  isWhole,
  offsetKey,
  packSealed,
  unpackSealed,
} from '../../../broker/engine/embedded/seal.ts';
import type { Entry } from '../../../broker/engine/engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { turns } from '../../support/turns.ts';
import { damageRecord, moveRecord } from './damage-record.ts';
import { startEmbedded } from './embedded-store.ts';

function entry(text: string, more: Partial<Entry> = {}): Entry {
  const message = { headers: [], body: Buffer.from(text) };
  return { destination: '/kept/a', message, ...more };
}

async function textsOf(engine: EmbeddedEngine, destination = '/kept/a'): Promise<string[]> {
  const query = { destination, from: 'oldest', direction: 'forward', limit: 1_000 } as const;
  const { publications } = await engine.history(query);
  return publications.map(({ message }) => message.body.toString());
}

/** A store with five messages in each of two rooms. */
async function stored(limits: Parameters<typeof startEmbedded>[1] = {}): Promise<string> {
  const folder = emptyFolder();
  const engine = await startEmbedded(folder, limits);
  for (const text of ['1', '2', '3', '4', '5']) {
    const deduplication = { id: text, digest: text };
    await engine.append([entry(text, { deduplication }), entry(text, { destination: '/kept/b' })]);
  }
  engine.facts.set('room 7', 'seven');
  engine.facts.set('room 8', 'eight');
  await engine.stop();
  return folder;
}

describe('a sealed record', () => {
  test('is known again under its key only, and with all its bits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.integer(), fc.uint8Array())),
        fc.nat(),
        fc.nat(1_000_000),
        (fields, streamId, offset) => {
          const key = offsetKey(streamId, offset);
          const record = packSealed(fields, key);

          expect(unpackSealed(record, key)?.length).toBe(fields.length + 1);
          for (const other of [
            offsetKey(streamId, offset + 1),
            offsetKey(streamId + 1, offset),
            offsetKey(streamId ^ 64, offset),
          ]) {
            expect(isWhole(record, other)).toBe(false);
          }
          for (let bit = 0; bit < record.length * 8; bit += 1) {
            const damaged = Buffer.from(record);
            damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
            expect(isWhole(damaged, key)).toBe(false);
          }
          expect(isWhole(record.subarray(0, -1), key)).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a damaged message', () => {
  test('is gone, is logged once, and keeps nobody from talking', async () => {
    const folder = await stored();
    await damageRecord(folder, 'messages', [1, 3], 20);
    const log = memoryLog();
    const engine = await startEmbedded(folder, { log });

    const read = [await textsOf(engine), await textsOf(engine)];
    const outcomes = [
      await engine.append([entry('6', { deduplication: { id: '3', digest: 'other' } })]),
      await engine.append([entry('6', { destination: '/kept/b' })]),
    ];

    expect(read).toEqual([
      ['1', '2', '4', '5'],
      ['1', '2', '4', '5'],
    ]);
    expect(outcomes).toMatchObject([
      { entries: [{ type: 'committed', offset: 6 }] },
      { entries: [{ type: 'committed', offset: 6 }] },
    ]);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        fields: { stream: 1, offset: 3 },
        text: 'a record of the store is damaged: it is treated as gone',
      },
    ]);
  });

  test('is not read at another position either', async () => {
    const folder = await stored();
    await moveRecord(folder, [1, 2], [1, 4]);
    await moveRecord(folder, [1, 5], [2, 5]);

    const engine = await startEmbedded(folder);

    expect(await textsOf(engine)).toEqual(['1', '2', '3', '5']);
    expect(await textsOf(engine, '/kept/b')).toEqual(['1', '2', '3', '4']);
  });

  test('makes positions before it damaged, once it was found, and those after it not', async () => {
    const folder = await stored();
    await damageRecord(folder, 'messages', [1, 3]);
    const engine = await startEmbedded(folder);
    const { epoch } = engine;
    const standings = () => [3, 4].map((offset) => engine.resolve('/kept/a', { epoch, offset }));

    expect(standings()).toEqual(['known', 'known']);
    await textsOf(engine);
    expect(standings()).toEqual(['damaged', 'known']);
  });

  test('goes with the others when it is too old, and keeps none of them', async () => {
    const clock = new FakeClock();
    const limits = { historySeconds: 100 };
    const folder = await stored({ clock, limits });
    await damageRecord(folder, 'messages', [1, 1]);
    await damageRecord(folder, 'messages', [1, 2]);
    const engine = await startEmbedded(folder, { clock, limits });

    clock.advance(180_000);
    await turns(3);
    await engine.append([entry('elsewhere', { destination: '/kept/c' })]);

    expect(engine.ends('/kept/a')).toEqual({ oldest: 6, head: 5 });
  });

  test('leaves its bytes to the others', async () => {
    const limits = { historyBytes: 3_000 };
    const folder = emptyFolder();
    const first = await startEmbedded(folder, { limits });
    for (let at = 0; at < 4; at += 1) await first.append([entry('x'.repeat(500))]);
    await first.stop();
    await damageRecord(folder, 'messages', [1, 1]);
    await damageRecord(folder, 'messages', [1, 2]);

    const engine = await startEmbedded(folder, { limits });
    for (let at = 0; at < 20; at += 1) await engine.append([entry('y'.repeat(500))]);

    expect((await textsOf(engine)).length).toBe(5);
  });
});

describe('a damaged stream', () => {
  test('is gone, and its room begins anew without the messages of before', async () => {
    const folder = await stored();
    const before = await startEmbedded(folder);
    const { epoch } = before;
    await before.stop();
    await damageRecord(folder, 'streams', 1, 9);
    const engine = await startEmbedded(folder);

    expect(engine.ends('/kept/a')).toEqual({ oldest: 1, head: 0 });
    expect(await textsOf(engine, '/kept/b')).toEqual(['1', '2', '3', '4', '5']);
    for (let at = 0; at < 8; at += 1) await engine.append([entry('new')]);
    expect(await textsOf(engine)).toEqual(Array(8).fill('new'));
    expect(engine.resolve('/kept/a', { epoch, offset: 6 })).toBe('foreign');
    expect(engine.resolve('/kept/b', { epoch, offset: 6 })).toBe('known');
  });
});

describe('damaged terms of a stream', () => {
  test('make positions of earlier terms foreign, and nothing else', async () => {
    const folder = await stored();
    const before = await startEmbedded(folder);
    const { epoch } = before;
    await before.stop();
    await damageRecord(folder, 'terms', 1, 9);

    const engine = await startEmbedded(folder);

    expect(await textsOf(engine)).toEqual(['1', '2', '3', '4', '5']);
    expect(engine.resolve('/kept/a', { epoch, offset: 6 })).toBe('foreign');
    expect(engine.resolve('/kept/a', { epoch: engine.epoch, offset: 6 })).toBe('known');
    expect(engine.resolve('/kept/b', { epoch, offset: 6 })).toBe('known');
  });
});

describe('a damaged fact', () => {
  test('is gone, and no other', async () => {
    const folder = await stored();
    await damageRecord(folder, 'facts', 'room 7', 12);

    const engine = await startEmbedded(folder);

    expect([...engine.facts.all('')]).toEqual([['room 8', 'eight']]);
  });
});

describe('many damaged records', () => {
  test('are logged a hundred times at the most', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await first.append(Array.from({ length: 150 }, () => entry('x')));
    await first.stop();
    for (let at = 1; at <= 150; at += 1) await damageRecord(folder, 'messages', [1, at]);
    const log = memoryLog();
    const engine = await startEmbedded(folder, { log });

    expect(await textsOf(engine)).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(101);
  });
});
