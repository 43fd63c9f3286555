import { expect, test } from '@jest/globals';
import { announcementsOf } from '../../../../web/room/timeline/announcements.ts';
import type { MessageRow, Row } from '../../../../web/room/timeline/rows.ts';
import { en } from '../../../../web/texts/en.ts';

const message = (key: string, isOwn: boolean, state: MessageRow['state']): Row => ({
  type: 'message',
  key,
  id: key,
  sender: isOwn ? 'Ada' : 'Bob',
  text: `text ${key}`,
  atMs: 0,
  isOwn,
  isContinued: false,
  state,
});

test('added rows are read out, own messages only while they wait', () => {
  const rows: readonly Row[] = [
    { type: 'day', key: 'd', text: 'today' },
    { type: 'gap', key: 'g' },
    { type: 'notice', key: 'n', kind: 'ENTER', sender: 'Bob', text: 'Bob is here', atMs: 0 },
    message('a', false, { type: 'sent' }),
    message('b', true, { type: 'sent' }),
    message('c', true, { type: 'waiting' }),
  ];

  expect(announcementsOf(rows, en).map(({ text }) => text)).toEqual([
    en.gap,
    'Bob is here',
    'Bob: text a',
    `${en.waiting}: text c`,
  ]);
});
