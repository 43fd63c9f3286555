import { describe, expect, test } from '@jest/globals';
import { AppendQueue } from '../../../broker/engine/append-queue.ts';
import type { Entry } from '../../../broker/engine/engine.ts';

const ignore = () => undefined;

function entryOf(bytes: number): Entry {
  return { destination: '/topic/a', message: { headers: [], body: Buffer.alloc(bytes) } };
}

/** Lists of one entry each, by the name of their source. */
function queueOf(...sources: readonly [name: string, count: number, bytes?: number][]) {
  const queue = new AppendQueue();
  for (const [name, count, bytes = 1] of sources) {
    for (let at = 0; at < count; at += 1) queue.add([entryOf(bytes)], ignore, name);
  }
  const nextSources = () => {
    const group = queue.takeGroup();
    queue.settled(group);
    return group.map(({ source }) => source);
  };
  return { nextSources, queue };
}

describe('a group of appends', () => {
  test('takes all that waits, in order, as long as that is not much', () => {
    const { nextSources, queue } = queueOf(['a', 2], ['b', 1], ['a', 1]);

    expect(nextSources()).toEqual(['a', 'a', 'b', 'a']);
    expect(queue.isEmpty).toBe(true);
  });

  test('begins with the first lists of each source where one has thousands waiting', () => {
    const { nextSources } = queueOf(['flood', 3_000], ['one', 1]);

    const group = nextSources();

    expect(group.indexOf('one')).toBeLessThanOrEqual(1);
    expect(group.length).toBe(1_024);
  });

  test('takes all of a thousand sources that have a few lists each', () => {
    const { queue } = queueOf();
    for (let at = 0; at < 1_000; at += 1) {
      for (let list = 0; list < 3; list += 1) queue.add([entryOf(1)], ignore, `${at}`);
    }

    expect(queue.takeGroup()).toHaveLength(3_000);
  });

  test('puts a small list before large ones of other sources', () => {
    const sources = Array.from({ length: 40 }, (_, at): [string, number, number] => {
      return [`large ${at}`, 1, 1_000_000];
    });
    const { nextSources } = queueOf(...sources, ['small', 1]);

    expect(nextSources()[0]).toBe('small');
  });

  test('keeps the order of each source', () => {
    const { queue } = queueOf();
    const sent: Record<string, number[]> = { a: [], b: [] };
    for (let at = 0; at < 4_000; at += 1) {
      const name = at % 3 === 0 ? 'b' : 'a';
      queue.add([entryOf(at)], ignore, name);
      sent[name]?.push(at);
    }

    const taken: Record<string, number[]> = { a: [], b: [] };
    while (!queue.isEmpty) {
      const group = queue.takeGroup();
      queue.settled(group);
      for (const { bytes, source } of group) taken[source]?.push(bytes);
    }

    expect(taken).toEqual(sent);
    expect([queue.bytes, queue.entries]).toEqual([0, 0]);
  });
});
