import { describe, expect, test } from '@jest/globals';
import { LockedPages } from '../../../../web/room/outbox/pages.ts';

/** The Web Locks of one browser. A lost lock is granted to the next request in the queue. */
class FakeLocks {
  readonly #held = new Map<string, (() => void)[]>();

  request(name: string, during: () => Promise<unknown>): Promise<unknown> {
    const waiting = this.#held.get(name);
    const run = () => void during();
    if (waiting === undefined) {
      this.#held.set(name, []);
      run();
    } else {
      waiting.push(run);
    }
    return Promise.resolve();
  }

  lose(name: string): void {
    this.#held.get(name)?.shift()?.();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the pages of a browser', () => {
  test('report another page once it is closed, not before', () => {
    const locks = new FakeLocks();
    const one = new LockedPages(locks as unknown as LockManager);
    const other = new LockedPages(locks as unknown as LockManager);
    const gone: string[] = [];

    other.whenGone(one.ownId, () => gone.push('one'));
    other.whenGone('never there', () => gone.push('never there'));
    expect(gone).toEqual(['never there']);
    locks.lose(`wschat.page/${one.ownId}`);

    expect(gone).toEqual(['never there', 'one']);
  });

  test('count as closed where the browser has no locks or forbids them', async () => {
    const forbidding = { request: () => Promise.reject(new Error('SecurityError')) };
    let gone = 0;

    for (const locks of [null, forbidding as unknown as LockManager])
      new LockedPages(locks).whenGone('another', () => {
        gone += 1;
      });
    await settled();

    expect(gone).toBe(2);
  });
});
