import { describe, expect, test } from '@jest/globals';
import type { Ends, Engine, HistoryPage } from '../../../broker/engine/engine.ts';
import { HistoryPages } from '../../../broker/routing/history-pages.ts';
import { SharedTails } from '../../../broker/session/formats/shared-tails.ts';
import { StompFormat } from '../../../broker/session/formats/stomp-format.ts';
import { BareEncoding, BareText } from '../../support/bare-encoding.ts';

const ROOM = '/topic/kept/7';

/** The pages of an engine whose history has these ends. */
function pagesOf(ends: Ends, pagesBytes: number) {
  const history = () => Promise.reject(new Error('not read here'));
  const engine: Pick<Engine, 'ends' | 'history'> = { ends: () => ends, history };
  return new HistoryPages(engine, { pagesBytes });
}

function readersOf(subscriptionId: string, isText = false): StompFormat {
  const encoding = isText ? new BareText('test') : new BareEncoding('test');
  const key = { encoding, destinationHeader: null, subscriptionId, version: '1.2' } as const;
  return new StompFormat(key, new SharedTails());
}

/** A page of one short message. */
function pageAt(offset: number, head = offset): HistoryPage {
  const message = { headers: [], body: Buffer.from('x') };
  const publication = { id: 'm', destination: ROOM, message, offset, isEphemeral: false };
  return { publications: [publication], oldest: 1, head };
}

describe('pages that are kept for others', () => {
  test.each([
    ['bytes', false],
    ['texts', true],
  ])(
    'are as many as their bound allows, as %s, with what holds them and finds them',
    (_as, isText) => {
      const pages = pagesOf({ oldest: 1, head: 1 }, 1_024 * 1_024);
      const id = (at: number) => `${at}`.padStart(8_000, 's');

      for (let at = 0; at < 200; at += 1) pages.encode(ROOM, pageAt(1), readersOf(id(at), isText));

      const kept = Array.from({ length: 200 }, (_, at) =>
        pages.recent(ROOM, 1, readersOf(id(at), isText)),
      ).filter((encodedPage) => encodedPage !== undefined);
      expect(kept.length).toBeLessThan(50);
      // Node cuts small Buffers from blocks, whose size differs between its versions.
      const mostEach = 5 * 8_000 + 2 * Buffer.poolSize;
      expect(kept.length).toBeGreaterThan((1_024 * 1_024) / mostEach);
    },
  );

  test('count what their bytes were cut from', async () => {
    const pages = pagesOf({ oldest: 1, head: 1 }, 1_024 * 1_024);
    const held = new Set<ArrayBufferLike>();

    for (let at = 0; at < 2_000; at += 1) {
      pages.encode(ROOM, pageAt(1), readersOf(`${at}`));
      // Other allocations share blocks of Node's pool with the pages.
      Buffer.allocUnsafe(4_000);
    }

    for (let at = 0; at < 2_000; at += 1) {
      const packet = (await pages.recent(ROOM, 1, readersOf(`${at}`)))?.packet;
      if (packet instanceof Buffer) held.add(packet.buffer);
    }
    const bytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes).toBeLessThan(1_024 * 1_024);
  });

  test('are none where none may be kept, or where the destination keeps nothing', () => {
    const none = pagesOf({ oldest: 1, head: 1 }, 0);
    expect(none.encode(ROOM, pageAt(1), readersOf('1'))).not.toBeNull();
    expect(none.recent(ROOM, 1, readersOf('1'))).toBeUndefined();

    const engine = { ends: () => null, history: () => Promise.reject(new Error('not read')) };
    const forgotten = new HistoryPages(engine, { pagesBytes: 100_000 });
    forgotten.encode(ROOM, pageAt(1), readersOf('1'));
    expect(forgotten.recent(ROOM, 1, readersOf('1'))).toBeUndefined();
  });

  test('are told only to those who would get the same from the history', async () => {
    const ends = { oldest: 1, head: 10 };
    const pages = pagesOf(ends, 1_024 * 1_024);
    const [one, other] = [readersOf('1'), readersOf('2')];
    pages.encode(ROOM, pageAt(10), one);
    pages.encode(ROOM, pageAt(9, 10), one);
    expect((await pages.recent(ROOM, 10, one))?.last).toBe(10);
    expect(pages.recent(ROOM, 10, other)).toBeUndefined();
    expect(pages.recent('/topic/kept/8', 10, one)).toBeUndefined();

    ends.head = 11;
    expect(pages.recent(ROOM, 10, one)).toBeUndefined();
    expect((await pages.recent(ROOM, 9, one))?.last).toBe(9);

    ends.oldest = 10;
    expect(pages.recent(ROOM, 9, one)).toBeUndefined();
  });
});
