import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { PageTurns } from '../../../broker/http/page-turns.ts';

test('one page is answered in a turn of the event loop, in order', async () => {
  const turns = new PageTurns();
  const answered: number[] = [];
  const taken = [1, 2, 3, 4].map((page) => turns.take().then(() => answered.push(page)));
  const sizes: number[] = [];

  while (answered.length < 4) {
    await nextTurn();
    sizes.push(answered.length);
  }
  await Promise.all(taken);

  expect(answered).toEqual([1, 2, 3, 4]);
  expect(sizes.every((size, at) => size - (sizes[at - 1] ?? 0) <= 1)).toBe(true);
});

test('a page that is asked for later waits for nobody', async () => {
  const turns = new PageTurns();
  await turns.take();
  await expect(turns.take()).resolves.toBeUndefined();
});
