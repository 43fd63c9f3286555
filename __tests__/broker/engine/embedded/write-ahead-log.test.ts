import { readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { StoreDamagedError } from '../../../../broker/engine/embedded/store-check.ts';
import {
  encodeBlock,
  type LogPosition,
  positionAfter,
  WAL_START,
} from '../../../../broker/engine/embedded/wal-blocks.ts';
import { WriteAheadLog } from '../../../../broker/engine/embedded/write-ahead-log.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';

/** The bytes of a file before its first block, and of a block before its payload. */
const SEAL_BYTES = 8;
const HEAD_BYTES = 28;
/** The size of a WAL for four payloads of ten octets. */
const FOUR_BYTES = SEAL_BYTES + 4 * (HEAD_BYTES + 10);

const opened: WriteAheadLog[] = [];

afterEach(async () => {
  jest.restoreAllMocks();
  for (const wal of opened.splice(0)) await wal.close();
});

async function create(bytes: number, path = join(emptyFolder(), 'journal')) {
  const wal = await WriteAheadLog.create(path, bytes);
  opened.push(wal);
  return { wal, path };
}

async function reread(
  path: string,
  { identity }: WriteAheadLog,
  position: LogPosition = WAL_START,
) {
  const [wal, blocks] = await WriteAheadLog.read(path, identity, position);
  opened.push(wal);
  return { wal, texts: blocks.map(({ payload }) => payload.toString()), blocks };
}

async function write(wal: WriteAheadLog, ...texts: string[]): Promise<LogPosition[]> {
  const marks: LogPosition[] = [];
  for (const text of texts) {
    await wal.write(Buffer.from(text));
    marks.push(wal.end);
  }
  return marks;
}

/** Writes over the octet at a place. */
function spoil(path: string, at: number): void {
  const content = readFileSync(path);
  content.writeUInt8((content.readUInt8(at) + 1) % 256, at);
  writeFileSync(path, content);
}

describe('a write-ahead log that is read again', () => {
  test('gives what was written, in order', async () => {
    const { wal, path } = await create(1_000);
    await write(wal, 'one', 'two', '');

    expect((await reread(path, wal)).texts).toEqual(['one', 'two', '']);
  });

  test('gives the blocks after a log position', async () => {
    const { wal, path } = await create(1_000);
    const [first] = await write(wal, 'one', 'two', 'three');

    expect((await reread(path, wal, first)).texts).toEqual(['two', 'three']);
  });

  test('goes on where it ended', async () => {
    const { wal, path } = await create(1_000);
    await write(wal, 'one', 'two');
    const again = await reread(path, wal);
    await write(again.wal, 'three');

    expect((await reread(path, wal)).texts).toEqual(['one', 'two', 'three']);
  });

  test('ends before a block that was not written as a whole', async () => {
    const { wal, path } = await create(1_000);
    const [first] = await write(wal, 'one', 'two');
    spoil(path, (first?.at ?? 0) + HEAD_BYTES);

    expect((await reread(path, wal)).texts).toEqual(['one']);
  });

  test('takes no payload for a block', async () => {
    const first = await create(1_000);
    await write(first.wal, 'one', 'two');
    const { wal, path } = await create(10_000);
    await wal.write(readFileSync(first.path));
    const end = wal.end;

    expect((await reread(path, wal, end)).texts).toEqual([]);
  });
});

describe('a write-ahead log that is damaged', () => {
  test('is refused where a block is unreadable, and a later one is not', async () => {
    const { wal, path } = await create(1_000);
    const [first] = await write(wal, 'one', 'two', 'three');
    spoil(path, (first?.at ?? 0) + HEAD_BYTES);

    await expect(reread(path, wal)).rejects.toThrow(/a part of it cannot be read/);
  });

  test('is refused where what is to be read begins with an unreadable block', async () => {
    const { wal, path } = await create(1_000);
    const [first] = await write(wal, 'one', 'two', 'three');
    spoil(path, SEAL_BYTES + 8);

    await expect(reread(path, wal)).rejects.toThrow(StoreDamagedError);
    expect((await reread(path, wal, first)).texts).toEqual(['two', 'three']);
  });

  test('is refused where a block follows that was written after another one', async () => {
    const { wal, path } = await create(1_000);
    await write(wal, 'one', 'two');
    const end = wal.end.at;
    const content = readFileSync(path);
    await write(wal, 'three');
    const last = readFileSync(path).subarray(end, wal.end.at);
    // The same happens with an older copy of the rooms' file, where other blocks follow its end.
    writeFileSync(path, content.fill(0, (SEAL_BYTES + end) / 2));
    const [again] = await WriteAheadLog.read(path, wal.identity, WAL_START);
    await write(again, 'TWO');
    await again.close();
    const other = readFileSync(path);
    last.copy(other, end);
    writeFileSync(path, other);

    await expect(reread(path, wal)).rejects.toThrow(/a part of it cannot be read/);
  });

  test('is refused where it is another one', async () => {
    const { wal } = await create(1_000);
    const other = await create(1_000);
    await write(other.wal, 'one');

    await expect(reread(other.path, wal)).rejects.toThrow(/belongs to other rooms/);
  });

  test('is refused where it was cut short, or is gone', async () => {
    const { wal, path } = await create(1_000);
    truncateSync(path, 900);

    await expect(reread(path, wal)).rejects.toThrow(/is not of its size/);
    unlinkSync(path);
    await expect(reread(path, wal)).rejects.toThrow(/cannot be opened/);
  });
});

describe('the room in a write-ahead log', () => {
  test('is used up by blocks, and given back', async () => {
    const { wal } = await create(FOUR_BYTES);
    const [first] = await write(wal, 'x'.repeat(10), 'x'.repeat(10), 'x'.repeat(10));

    expect([wal.fits(10), wal.fits(11)]).toEqual([true, false]);
    await write(wal, 'x'.repeat(10));
    expect(wal.fits(0)).toBe(false);
    wal.release(first ?? WAL_START);
    expect([wal.fits(10), wal.fits(11)]).toEqual([true, false]);
  });

  test('is what is before or behind the last block, once nothing is needed any more', async () => {
    const { wal } = await create(FOUR_BYTES);
    await write(wal, 'x'.repeat(10), 'x'.repeat(10), 'x'.repeat(10));
    wal.release(wal.end);

    const before = 3 * (HEAD_BYTES + 10) - HEAD_BYTES;
    expect([wal.fits(before), wal.fits(before + 1)]).toEqual([true, false]);
  });

  test('is refused to what does not fit', async () => {
    const { wal, path } = await create(100);
    await write(wal, 'one');

    await expect(write(wal, 'x'.repeat(100))).rejects.toThrow(/no room/);
    expect((await reread(path, wal)).texts).toEqual(['one']);
  });

  test('is used round and round: whatever is not released is read again', async () => {
    const lengths = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 964 }));
    const shares = fc.oneof(fc.nat({ max: 100 }), fc.constant(100));
    const step = fc.oneof(
      { weight: 3, arbitrary: lengths.map((length) => ({ type: 'write', length }) as const) },
      { weight: 2, arbitrary: shares.map((share) => ({ type: 'release', share }) as const) },
      { weight: 1, arbitrary: fc.constant({ type: 'reopen' } as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        let { wal, path } = await create(1_000);
        let released = WAL_START;
        let kept: { readonly text: string; readonly end: LogPosition }[] = [];
        for (const [at, one] of steps.entries()) {
          if (one.type === 'write' && wal.fits(one.length)) {
            const text = `${at}`.repeat(one.length).slice(0, one.length);
            await write(wal, text);
            kept.push({ text, end: wal.end });
          }
          if (one.type === 'release') {
            const count = Math.floor((kept.length * one.share) / 100);
            released = kept[count - 1]?.end ?? released;
            wal.release(released);
            kept = kept.slice(count);
          }
          if (one.type === 'reopen') ({ wal } = await reread(path, wal, released));
        }
        const again = await reread(path, wal, released);
        expect(again.texts).toEqual(kept.map(({ text }) => text));
        expect(again.blocks.map(({ end }) => end)).toEqual(kept.map(({ end }) => end));
        expect(again.wal.end).toEqual(wal.end);
        await Promise.all(opened.splice(0).map((one) => one.close()));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a block that could not be written', () => {
  /** The next write comes to the disk, and is said to have failed; so many more do fail. */
  async function failAfterWriting(more = 0) {
    const file = await open(join(emptyFolder(), 'file'), 'w');
    const prototype = Object.getPrototypeOf(file);
    await file.close();
    const { write: really } = prototype;
    const spy = jest.spyOn(prototype, 'write').mockImplementationOnce(async function (
      this: unknown,
      ...args: unknown[]
    ) {
      await really.apply(this, args);
      throw new Error('EIO');
    });
    for (let at = 0; at < more; at += 1) spy.mockRejectedValueOnce(new Error('EIO'));
  }

  test('is not found later, even if it was', async () => {
    const { wal, path } = await create(1_000);
    await write(wal, 'one');
    await failAfterWriting();

    await expect(write(wal, 'two')).rejects.toThrow('EIO');

    expect((await reread(path, wal)).texts).toEqual(['one']);
  });

  test('keeps others from following it, until it is wiped', async () => {
    const { wal, path } = await create(1_000);
    const [position = WAL_START] = await write(wal, 'x'.repeat(400), 'y'.repeat(400));
    wal.release(position);
    await failAfterWriting(2);

    await expect(write(wal, 'refused')).rejects.toThrow('EIO');
    await expect(wal.forgetRefused()).rejects.toThrow('EIO');
    await wal.forgetRefused();
    await write(wal, 'z'.repeat(250));

    expect((await reread(path, wal, position)).texts).toEqual(['y'.repeat(400), 'z'.repeat(250)]);
  });

  test('leaves its place to the next', async () => {
    const { wal, path } = await create(1_000);
    await write(wal, 'one');
    await failAfterWriting();
    await write(wal, 'two').catch(() => undefined);

    await write(wal, 'three');

    expect((await reread(path, wal)).texts).toEqual(['one', 'three']);
  });
});

describe('a write-ahead log that begins without a seal, as the first ones did', () => {
  const seal = Buffer.from('0123456789abcdef', 'hex');
  const identity = { bytes: 3 * (HEAD_BYTES + 10), seal: seal.toString('hex') };
  const start: LogPosition = { at: 0, number: 0, checksum: 0 };

  async function readOf(content: Buffer, position: LogPosition): Promise<string[]> {
    const path = join(emptyFolder(), 'journal');
    writeFileSync(path, content);
    const [wal, blocks] = await WriteAheadLog.read(path, identity, position);
    opened.push(wal);
    return blocks.map(({ payload }) => payload.toString());
  }

  test('is read round its end', async () => {
    const content = Buffer.alloc(identity.bytes);
    const marks: LogPosition[] = [start];
    for (const [at, text] of ['text no. 1', 'text no. 2', 'text no. 3', 'text no. 4'].entries()) {
      const before = marks.at(-1) ?? start;
      const place = (at % 3) * (HEAD_BYTES + 10);
      const block = encodeBlock(seal, Buffer.from(text), before);
      block.copy(content, place);
      marks.push(positionAfter(block, place));
    }

    expect(await readOf(content, marks[2] ?? start)).toEqual(['text no. 3', 'text no. 4']);
  });

  test('is read before anything was written to it', async () => {
    expect(await readOf(Buffer.alloc(identity.bytes), start)).toEqual([]);
  });
});
