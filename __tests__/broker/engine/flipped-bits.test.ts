// One bit of the rooms' file is another one, wherever it stands: in a record, a key, or in what LMDB
// needs to find its way. Nobody is told a wrong text, and no room is refused: either some records are
// gone, or the file is refused as a whole before LMDB sees it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { EmbeddedEngine } from '../../../broker/engine/embedded/embedded-engine.ts';
import { checkStore } from '../../../broker/engine/embedded/store-check.ts';
import type { Entry } from '../../../broker/engine/engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { embeddedEngine, startEmbedded } from './embedded-store.ts';

const PAGE = 4_096;
const ROOMS = ['/kept/a', '/kept/b', '/kept/c'];
const LIMITS = { historyCount: 100 };
/** The same bits each time. */
const SEED = 4_711;
const FLIPS = 80;

let clean: Buffer;

/** The text at a position; every fortieth is too large to share a page with others. */
function textAt(room: string, offset: number): string {
  return `${room} ${offset}${offset % 40 === 0 ? ' and more'.repeat(600) : ''}`;
}

function entry(destination: string, text: string, id: string): Entry {
  const message = { headers: [['of', text]] as const, body: Buffer.from(text) };
  return { destination, message, deduplication: { id, digest: 'x' } };
}

beforeAll(async () => {
  const folder = emptyFolder();
  // Twice, and with more than is kept, so that pages were freed and used again.
  for (const part of [0, 1]) {
    const engine = await startEmbedded(folder, { limits: LIMITS });
    for (let at = part * 150 + 1; at <= part * 150 + 150; at += 1) {
      await engine.append(ROOMS.map((room) => entry(room, textAt(room, at), `${room} ${at}`)));
    }
    engine.facts.set('room 7', 'seven');
    await engine.stop();
  }
  clean = readFileSync(join(folder, 'rooms.mdb'));
}, 120_000);

/** A folder with the file, one bit of which is another one. */
function flipped(bit: number): string {
  const folder = emptyFolder();
  const bytes = Buffer.from(clean);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(join(folder, 'rooms.mdb'), bytes);
  return folder;
}

function* numbers(seed: number, count: number, below: number): Iterable<number> {
  let state = seed;
  for (let at = 0; at < count; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield Math.floor((state / 2 ** 32) * below);
  }
}

/** Counts the messages of a room, and checks that each is the one that was sent. */
async function messagesOf(engine: EmbeddedEngine, destination: string): Promise<number> {
  const query = { destination, from: 'oldest', direction: 'forward', limit: 1_000 } as const;
  const { publications } = await engine.history(query);
  for (const { message, offset } of publications) {
    const text = textAt(destination, offset ?? 0);
    expect([message.body.toString(), message.headers]).toEqual([text, [['of', text]]]);
  }
  return publications.length;
}

describe('a file with one bit that is another one', () => {
  test('tells no wrong text, and refuses no room', async () => {
    const counts = { gone: 0, refused: 0, whole: 0 };
    for (const bit of numbers(SEED, FLIPS, usedBytes() * 8)) {
      const engine = embeddedEngine(flipped(bit), { limits: LIMITS });
      const problem = await engine.start(() => undefined).catch((error: unknown) => error);
      if (problem !== undefined) {
        const message = expect.stringMatching(/rooms\.(mdb|journal) is damaged/);
        expect(problem).toMatchObject({ message });
        counts.refused += 1;
        continue;
      }
      let messages = 0;
      for (const room of ROOMS) messages += await messagesOf(engine, room);
      const outcome = await engine.append(ROOMS.map((room) => entry(room, 'new', 'new')));
      expect(outcome).toMatchObject({ type: 'appended' });
      await engine.stop();
      counts[messages === 300 ? 'whole' : 'gone'] += 1;
    }

    expect(counts.gone).toBeGreaterThan(0);
    expect(counts.gone + counts.whole).toBeGreaterThan(FLIPS / 2);
  });

  test('is refused wherever LMDB would lose its way', () => {
    const path = join(emptyFolder(), 'rooms.mdb');
    const isRefused = (at: number, bit: number): boolean => {
      const bytes = Buffer.from(clean.subarray(0, usedBytes()));
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      writeFileSync(path, bytes);
      try {
        checkStore(path, false);
        return false;
      } catch (error) {
        expect(String(error)).toMatch(/is damaged/);
        return true;
      }
    };

    const missed: string[] = [];
    for (const page of pagesInUse()) {
      // Its number, the kind of page it is, and how much of it is used.
      for (const at of [0, 1, 7, 18, 20, 21, 22]) {
        const bit = at === 22 ? 3 : 1;
        if (!isRefused(page * PAGE + at, bit)) missed.push(`page ${page}, byte ${at}`);
      }
    }

    expect(pagesInUse().length).toBeGreaterThan(20);
    expect(missed).toEqual([]);
  });
});

/** Up to the last page that was ever written; what is after it is only reserved. */
function usedBytes(): number {
  const lastPage = Math.max(...[0, PAGE].map((at) => Number(clean.readBigUInt64LE(at + 0x90))));
  return (lastPage + 1) * PAGE;
}

/** Pages of records, the number and kind of which are as they are written; some may be free. */
function pagesInUse(): number[] {
  const newest = [0, PAGE].map((at) => Number(clean.readBigUInt64LE(at + 0x98)));
  const meta = (newest[0] ?? 0) > (newest[1] ?? 0) ? 0 : PAGE;
  const roots = [Number(clean.readBigUInt64LE(meta + 0x88))];
  const pages: number[] = [];
  for (let page = roots.pop(); page !== undefined; page = roots.pop()) {
    pages.push(page);
    const at = page * PAGE;
    const isBranch = clean.readUInt16LE(at + 18) === 1;
    for (let slot = 0; slot < clean.readUInt16LE(at + 20); slot += 2) {
      const node = at + 24 + clean.readUInt16LE(at + 24 + slot);
      const [key, flags] = [clean.readUInt16LE(node + 6), clean.readUInt16LE(node + 4)];
      if (isBranch) roots.push(clean.readUInt32LE(node));
      else if (flags === 2) {
        const root = clean.readBigUInt64LE(node + 8 + key + 40);
        if (root < 2n ** 63n) roots.push(Number(root));
      }
    }
  }
  return pages;
}
