import { expect, test } from '@jest/globals';
import { GuardedStore } from '../../../../web/key-value-store.ts';
import { Drafts } from '../../../../web/room/composer/drafts.ts';

test('a draft belongs to its room and is removed when it is empty', () => {
  const store = new GuardedStore(() => {
    throw new Error('storage is forbidden');
  });
  const drafts = new Drafts(store);

  drafts.keep('1', 'half a sen');
  expect([drafts.of('1'), drafts.of('2')]).toEqual(['half a sen', '']);

  drafts.keep('1', '');
  expect(drafts.of('1')).toBe('');
});
