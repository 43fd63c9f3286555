import { describe, expect, test } from '@jest/globals';
import {
  TIMELINE_ENTRIES_MAX,
  type Timeline,
  type TimelineEntry,
  withEntry,
  withoutPositions,
} from '../../../web/room/timeline.ts';

const published = (id: string, position: number | null): TimelineEntry => ({
  key: `#${id}`,
  id,
  type: 'TALK',
  sender: 'Ada',
  text: id,
  atMs: 0,
  position,
  isPublished: true,
});
const receipt = (id: string, position: number | null): TimelineEntry => ({
  ...published(id, position),
  key: id,
  isPublished: false,
});
const build = (...entries: TimelineEntry[]): Timeline => entries.reduce<Timeline>(withEntry, []);
const texts = (timeline: Timeline) => timeline.map(({ text }) => text);

describe('the timeline', () => {
  test('keeps the order of positions, whatever the order of arrival', () => {
    expect(texts(build(published('b', 2), published('a', 1), published('c', 3)))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('appends what has no position', () => {
    expect(texts(build(published('a', 5), published('b', null)))).toEqual(['a', 'b']);
  });

  test('takes a message that comes twice once', () => {
    expect(texts(build(published('a', 1), published('b', 2), published('a', 1)))).toEqual([
      'a',
      'b',
    ]);
  });

  test('replaces what was known by its RECEIPT with what was published, under the same key', () => {
    const timeline = build(receipt('a', 2), { ...published('a', 2), atMs: 7 });

    expect(timeline).toEqual([{ ...published('a', 2), key: 'a', atMs: 7 }]);
  });

  test('moves it to where it was published', () => {
    expect(
      texts(build(receipt('mine', null), published('other', 1), published('mine', 2))),
    ).toEqual(['other', 'mine']);
  });

  test('ignores a RECEIPT that comes after the message', () => {
    const timeline = build(published('a', 2));

    expect(withEntry(timeline, receipt('a', 2))).toBe(timeline);
  });

  test('does not let a reused id reach back to an older line', () => {
    expect(texts(build(published('a', 1), { ...published('a', 2), text: 'changed' }))).toEqual([
      'a',
      'changed',
    ]);
  });

  test('puts what a new store says after all that the old one said', () => {
    const old = withoutPositions(build(published('a', 41), published('b', 42)));

    expect(texts([published('d', 2), published('c', 1)].reduce<Timeline>(withEntry, old))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  test('lets the oldest go at its bound', () => {
    const many = Array.from({ length: TIMELINE_ENTRIES_MAX + 3 }, (_, n) =>
      published(`${n}`, n + 1),
    );

    const timeline = build(...many);

    expect(timeline).toHaveLength(TIMELINE_ENTRIES_MAX);
    expect(timeline[0]?.id).toBe('3');
  });
});
