import { describe, expect, test } from '@jest/globals';
import { lineOf } from '../../../../web/room/timeline/published.ts';

const TALK = {
  type: 'TALK',
  sender: 'Ada',
  message: 'hi',
  id: 'a',
  at: '2026-03-01T03:00:00.000Z',
};

describe('a message of the room', () => {
  test('becomes a line with its time', () => {
    expect(lineOf(TALK, 'e', 7)).toMatchObject({ atMs: Date.parse(TALK.at), position: 7 });
  });

  test.each(['', 'now', 1, '2026-99-99T99:99:99.000Z', '2026-02-31', null])(
    'is none with the time %j: a page could not show it',
    (at) => {
      expect(lineOf({ ...TALK, at }, 'e', 7)).toBeNull();
    },
  );
});
