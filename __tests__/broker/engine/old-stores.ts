import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import type { Engine } from '../../../broker/engine/engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { startEmbedded } from './embedded-store.ts';

/** They keep what is in an old store. */
export const LIMITS = {
  historyCount: 400,
  deduplicationCount: 400,
  deduplicationSeconds: 1_000_000_000,
};

export const OLD_STORES = [
  'format-1',
  'format-2-first-journal',
  'format-2-stopped',
  'format-2-killed',
] as const;

/** A folder with the files that an earlier version left, as `__tests__/fixtures/stores` has them. */
export function oldStore(name: (typeof OLD_STORES)[number]): string {
  const folder = emptyFolder();
  for (const file of ['rooms.mdb', 'rooms.journal']) {
    const packed = resolve('__tests__/fixtures/stores', name, `${file}.gz`);
    if (!existsSync(packed)) continue;
    writeFileSync(join(folder, file), gunzipSync(readFileSync(packed)));
  }
  return folder;
}

async function textsOf(engine: Engine, destination: string): Promise<string[]> {
  const query = { destination, from: 'oldest', direction: 'forward', limit: 10_000 } as const;
  const { publications } = await engine.history(query);
  return publications.map(({ message }) => message.body.toString());
}

/** Opens it, and looks at all that an old store holds. */
export async function expectAll(folder: string): Promise<void> {
  const log = memoryLog();
  const engine = await startEmbedded(folder, { limits: LIMITS, log });
  expect(engine.ends('/kept/a')).toEqual({ oldest: 201, head: 600 });
  expect(await textsOf(engine, '/kept/a')).toEqual(
    Array.from({ length: 400 }, (_, at) => `a${at + 201}`),
  );
  expect(await textsOf(engine, '/kept/b')).toEqual(['안녕', 'b2']);
  expect([...engine.facts.all('')]).toEqual([['room 1', '책 읽기']]);
  for (const [destination, id, text, offset] of [
    ['/kept/a', 'id 600', 'a600', 600],
    ['/kept/a', 'id 201', 'a201', 201],
    ['/kept/c', 'an id with spaces', 'c1', 1],
  ] as const) {
    const message = { headers: [], body: Buffer.from(text) };
    const deduplication = { id, digest: `digest of ${text}` };
    const outcome = await engine.append([{ destination, message, deduplication }]);
    expect(outcome).toMatchObject({ entries: [{ type: 'duplicate', offset }] });
  }
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await engine.stop();
}
