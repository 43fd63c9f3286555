// Positions that clients remember over restarts, and over copies of the store that are put back.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { EmbeddedEngine } from '../../../broker/engine/embedded/embedded-engine.ts';
import { Terms, withUse } from '../../../broker/engine/terms.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { startEmbedded } from './embedded-store.ts';

const ROOM = '/kept/a';

async function say(engine: EmbeddedEngine, count: number, text = 'x'): Promise<void> {
  const message = { headers: [], body: Buffer.from(text) };
  for (let at = 0; at < count; at += 1) await engine.append([{ destination: ROOM, message }]);
}

async function idsOf(engine: EmbeddedEngine): Promise<string[]> {
  const query = { destination: ROOM, from: 'oldest', direction: 'forward', limit: 1_000 } as const;
  return (await engine.history(query)).publications.map(({ id }) => id);
}

/** A copy that was taken while the server runs. */
function backup(folder: string): string {
  const copy = emptyFolder();
  for (const name of ['rooms.mdb', 'rooms.journal']) cpSync(join(folder, name), join(copy, name));
  return copy;
}

/** Stopped, and started again on the same folder. */
async function restarted(engine: EmbeddedEngine, folder: string): Promise<EmbeddedEngine> {
  await engine.stop();
  return startEmbedded(folder);
}

describe('after a restart', () => {
  test('a position of the term before is known, as far as that term gave any', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await say(first, 10);
    const { epoch } = first;
    const second = await restarted(first, folder);
    const standings = (offset: number) => second.resolve(ROOM, { epoch, offset });

    expect([standings(5), standings(11), standings(12)]).toEqual(['known', 'known', 'foreign']);
    await say(second, 10);
    expect([standings(5), standings(11), standings(12)]).toEqual(['known', 'known', 'foreign']);
  });

  test('a position of a term that said nothing itself is known', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await say(first, 10);
    const second = await restarted(first, folder);
    const { epoch } = second;
    const third = await restarted(second, folder);
    await say(third, 10);

    expect(third.resolve(ROOM, { epoch, offset: 11 })).toBe('known');
    expect(third.resolve(ROOM, { epoch, offset: 12 })).toBe('foreign');
  });

  test('a room remembers its last sixteen terms', async () => {
    const folder = emptyFolder();
    let engine = await startEmbedded(folder);
    const epochs: string[] = [];
    for (let at = 0; at < 18; at += 1) {
      await say(engine, 1);
      epochs.push(engine.epoch);
      engine = await restarted(engine, folder);
    }

    const known = epochs.map((epoch, at) => engine.resolve(ROOM, { epoch, offset: at + 2 }));

    expect(known).toEqual([...Array(2).fill('foreign'), ...Array(16).fill('known')]);
  });

  test('the messages of before have the ids that they had', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await say(first, 3);
    const before = await idsOf(first);

    const second = await restarted(first, folder);
    await say(second, 1);

    expect((await idsOf(second)).slice(0, 3)).toEqual(before);
  });
});

describe('after a copy was put back', () => {
  test('a position that was given since is foreign, however much is said by then', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await say(first, 10);
    const copy = backup(folder);
    await say(first, 10);
    const { epoch } = first;
    await first.stop();

    const second = await startEmbedded(copy);
    const standings = () => [11, 12, 21].map((offset) => second.resolve(ROOM, { epoch, offset }));

    expect(standings()).toEqual(['known', 'foreign', 'foreign']);
    await say(second, 20);
    expect(standings()).toEqual(['known', 'foreign', 'foreign']);
  });

  test('the terms since the copy are unknown', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await say(first, 10);
    const copy = backup(folder);
    const second = await restarted(first, folder);
    await say(second, 1);
    const { epoch } = second;

    const third = await startEmbedded(copy);

    expect(third.resolve(ROOM, { epoch, offset: 5 })).toBe('foreign');
  });

  test('no id of a message is given twice', async () => {
    const folder = emptyFolder();
    const first = await startEmbedded(folder);
    await say(first, 10);
    const copy = backup(folder);
    await say(first, 10, 'before');
    const lost = (await idsOf(first)).slice(10);

    const second = await startEmbedded(copy);
    await say(second, 10, 'after');

    const ids = await idsOf(second);
    expect(ids.length).toBe(20);
    expect(ids.filter((id) => lost.includes(id))).toEqual([]);
  });
});

describe('terms', () => {
  test('have names of their own, the newest 1,024 of them', () => {
    const known = Array.from({ length: 1_024 }, (_, at) => at);

    const terms = new Terms('life', known);

    expect(terms.all).toHaveLength(1_024);
    expect(terms.all.at(-1)).toBe(terms.present);
    const whole = { isWhole: true, uses: [] };
    expect(terms.isSame('life-0', 1, whole)).toBe(false);
    expect(terms.isSame('life-1', 1, whole)).toBe(true);
  });

  test('whose use of a room is not known are not taken for the same', () => {
    const terms = new Terms('life', [1, 2]);
    const lost = { isWhole: false, uses: [] };

    expect(terms.isSame('life-2', 1, lost)).toBe(false);
    expect(terms.isSame(terms.epoch, 1, lost)).toBe(true);
    expect(terms.isSame('life-2', 1, withUse(lost, { term: 2, first: 1 }))).toBe(true);
    expect(terms.isSame('life-1', 1, withUse(lost, { term: 2, first: 1 }))).toBe(false);
  });
});
