import { describe, expect, test } from '@jest/globals';
import {
  accepted,
  EMPTY_TIMELINE,
  interrupted,
  type Line,
  received,
  skipped,
  started,
  type Timeline,
  topOf,
  trimmed,
  withOlder,
} from '../../../../web/room/timeline/timeline.ts';

const published = (id: string, position: number): Line => ({
  key: `#${id}`,
  id,
  type: 'TALK',
  sender: 'Ada',
  text: id,
  atMs: 0,
  position,
  isPublished: true,
});
const receipt = (id: string, position: number): Line => ({
  ...published(id, position),
  key: id,
  isPublished: false,
});
const stretch = (head: number, count = 50, epoch = 'e1') =>
  started(EMPTY_TIMELINE, { epoch, head }, count);
const hear = (timeline: Timeline, ...lines: Line[]) => lines.reduce(received, timeline);
const older = (before: number, lines: readonly Line[], oldest = 1, epoch = 'e1') => ({
  before,
  epoch,
  from: lines[0]?.position ?? null,
  head: 1_000,
  lines,
  oldest,
});
const texts = ({ lines, past }: Timeline) =>
  [...past, ...lines].map((line) => (line.type === 'gap' ? '(gap)' : line.text));

describe('the timeline', () => {
  test('is in order of position, whatever the order of arrival', () => {
    const timeline = hear(
      accepted(stretch(0), receipt('c', 3)),
      published('a', 1),
      published('b', 2),
    );

    expect(texts(timeline)).toEqual(['a', 'b', 'c']);
  });

  test('ignores a duplicate message', () => {
    const once = hear(stretch(0), published('a', 1), published('b', 2));

    expect(received(once, published('a', 1))).toBe(once);
  });

  test('replaces a line known from its RECEIPT with the published one, under the same key', () => {
    const timeline = hear(accepted(stretch(0), receipt('a', 1)), {
      ...published('a', 1),
      atMs: 7,
    });

    expect(timeline.lines).toEqual([{ ...published('a', 1), key: 'a', atMs: 7 }]);
  });

  test('ignores a RECEIPT that arrives after the message', () => {
    const timeline = hear(stretch(0), published('a', 1));

    expect(accepted(timeline, receipt('a', 1))).toBe(timeline);
  });

  test('leaves a message before the span to its older page, despite a RECEIPT', () => {
    const timeline = stretch(100, 50);

    expect(accepted(timeline, receipt('a', 50))).toBe(timeline);
  });

  test('resumes after the last message received, not after a RECEIPT', () => {
    const timeline = accepted(hear(stretch(0), published('a', 1)), receipt('mine', 9));

    expect(timeline.span?.to).toBe(1);
  });

  test('counts messages that are not shown as received', () => {
    expect(skipped(hear(stretch(0), published('a', 1)), 2).span?.to).toBe(2);
  });

  test('does not replace an older line when its id is reused', () => {
    const again = { ...published('a', 2), text: 'changed' };

    expect(texts(hear(stretch(0), published('a', 1), again))).toEqual(['a', 'changed']);
  });

  test('drops the oldest lines at its bound, and can load them again', () => {
    const all = hear(stretch(0), published('a', 1), published('b', 2), published('c', 3));
    const timeline = trimmed(all, 2);

    expect(texts(timeline)).toEqual(['b', 'c']);
    expect(topOf(timeline)).toBe('more');
    expect(texts(withOlder(timeline, older(2, [published('a', 1)])))).toEqual(['a', 'b', 'c']);
  });
});

describe('an older page', () => {
  test('is added at the top, down to the first message of the room', () => {
    const newest = hear(stretch(4, 2), published('c', 3), published('d', 4));
    expect(topOf(newest)).toBe('more');

    const all = withOlder(newest, older(3, [published('a', 1), published('b', 2)]));

    expect(texts(all)).toEqual(['a', 'b', 'c', 'd']);
    expect(topOf(all)).toBe('beginning');
  });

  test('reports the end of what is kept', () => {
    const newest = hear(stretch(9, 2), published('h', 8), published('i', 9));

    expect(topOf(withOlder(newest, older(8, [published('g', 7)], 7)))).toBe('expired');
    expect(topOf(withOlder(newest, older(8, [], 8)))).toBe('expired');
  });

  test('is not offered if the newest page begins later than requested', () => {
    expect(topOf(hear(stretch(60, 50), published('x', 40)))).toBe('expired');
  });

  test('is rejected from another life of the store or for another position', () => {
    const newest = hear(stretch(9, 1), published('i', 9));

    expect(withOlder(newest, older(9, [published('h', 8)], 1, 'e2'))).toBe(newest);
    expect(withOlder(newest, older(8, [published('g', 7)]))).toBe(newest);
  });

  test('is accepted from another term if the store has everything received', () => {
    const newest = hear(stretch(9, 1, 'life-t1'), published('i', 9));
    const page = older(9, [published('h', 8)], 1, 'life-t2');

    expect(texts(withOlder(newest, page))).toEqual(['h', 'i']);
    expect(withOlder(newest, { ...page, head: 8 })).toBe(newest);
  });
});

describe('a gap', () => {
  const before = hear(stretch(2), published('a', 1), published('b', 2));

  test('separates the earlier lines from the newest page', () => {
    const after = hear(
      started(interrupted(before, 'e1'), { epoch: 'e1', head: 90 }, 1),
      published('z', 90),
    );

    expect(texts(after)).toEqual(['a', 'b', '(gap)', 'z']);
    expect(texts(withOlder(after, older(90, [published('y', 89)])))).toEqual([
      'a',
      'b',
      '(gap)',
      'y',
      'z',
    ]);
  });

  test('is not shown if there were no lines before', () => {
    expect(texts(interrupted(stretch(7), 'e2'))).toEqual([]);
    expect(texts(interrupted(interrupted(before, 'e2'), 'e3'))).toEqual(['a', 'b', '(gap)']);
  });

  test('drops an own line known only from its RECEIPT, because the history has it', () => {
    const mine = accepted(before, receipt('mine', 70));

    expect(texts(interrupted(mine, 'e1'))).toEqual(['a', 'b', '(gap)']);
    expect(texts(interrupted(mine, 'e2'))).toEqual(['a', 'b', 'mine', '(gap)']);
  });

  test('does not show a message twice', () => {
    const after = started(interrupted(before, 'e2'), { epoch: 'e2', head: 1 }, 50);

    expect(texts(hear(after, published('b', 1)))).toEqual(['a', '(gap)', 'b']);
  });

  test('is dropped with the lines above it at the bound', () => {
    const after = hear(
      started(interrupted(before, 'e2'), { epoch: 'e2', head: 0 }, 50),
      published('y', 1),
      published('z', 2),
    );

    expect(texts(trimmed(after, 3))).toEqual(['(gap)', 'y', 'z']);
    expect(texts(trimmed(after, 2))).toEqual(['y', 'z']);
    expect(topOf(trimmed(after, 2))).toBe('beginning');
  });
});
