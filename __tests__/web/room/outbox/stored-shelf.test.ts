import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OutboxEntry } from '../../../../web/room/outbox/outbox-entries.ts';
import type { Pages } from '../../../../web/room/outbox/pages.ts';
import { StoredShelf } from '../../../../web/room/outbox/stored-shelf.ts';

/** What `Storage` is to the shelf: its items are its own properties. */
class FakeStorage {
  [key: string]: unknown;

  constructor() {
    for (const name of ['fail', 'getItem', 'setItem', 'removeItem'])
      Object.defineProperty(this, name, { enumerable: false, writable: true });
    this.getItem = (key: string) => this[key] ?? null;
    this.setItem = (key: string, value: string) => {
      this[key] = value;
    };
    this.removeItem = (key: string) => {
      delete this[key];
    };
  }
}

/** The pages of one browser, of which tests let some go. */
class FakeBrowser {
  readonly listeners = new Set<(key: string | null, isRemoved: boolean) => void>();
  readonly storage = new FakeStorage();
  readonly #waiting = new Map<string, (() => void)[]>();

  page(ownId: string): Page {
    return new Page(this, {
      ownId,
      whenGone: (id, run) => this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), run]),
    });
  }

  closes(id: string): void {
    for (const run of this.#waiting.get(id) ?? []) run();
    this.#waiting.delete(id);
  }

  tells(key: string, isRemoved: boolean): void {
    for (const listener of this.listeners) listener(key, isRemoved);
  }
}

class Page {
  readonly found: string[] = [];
  readonly removed: string[] = [];
  readonly shelf: StoredShelf;
  unwatch: () => void = () => {};

  constructor(browser: FakeBrowser, pages: Pages) {
    this.shelf = shelfIn(browser, pages, 'Ada');
  }

  watches(): this {
    this.unwatch = this.shelf.watch({
      onFound: (entries) => this.found.push(...entries.map(({ id }) => id)),
      onRemoved: (id) => this.removed.push(id),
    });
    return this;
  }
}

function shelfIn(browser: FakeBrowser, pages: Pages, sender: string): StoredShelf {
  return new StoredShelf({
    onChange: (listener) => {
      browser.listeners.add(listener);
      return () => browser.listeners.delete(listener);
    },
    open: () => browser.storage as unknown as Storage,
    pages,
    roomId: '7',
    sender,
  });
}

const entry = (id: string, queuedAtMs = 1, sender = 'Ada'): OutboxEntry => ({
  id,
  sender,
  text: `text of ${id}`,
  queuedAtMs,
  triedAtMs: null,
  fate: { type: 'waiting' },
});

let browser: FakeBrowser;
beforeEach(() => {
  browser = new FakeBrowser();
});

describe('the stored outbox', () => {
  test('leaves what a page had to the next one, in order, when it is gone', () => {
    const before = browser.page('p1').watches();
    before.shelf.put(entry('b', 2));
    before.shelf.put(entry('a', 1));

    const after = browser.page('p2').watches();
    expect(after.found).toEqual([]);
    browser.closes('p1');

    expect(after.found).toEqual(['a', 'b']);
  });

  test('gives it to one page only', () => {
    browser.page('p1').shelf.put(entry('a'));
    const [second, third] = [browser.page('p2').watches(), browser.page('p3').watches()];

    browser.closes('p1');
    expect([second.found, third.found]).toEqual([['a'], []]);
    browser.tells('wschat.outbox/7/a', false);
    browser.closes('p2');

    expect(third.found).toEqual(['a']);
  });

  test('gives nothing to whom it does not belong', () => {
    browser.page('p1').shelf.put(entry('a', 1, 'Bob'));
    const ada = browser.page('p2').watches();

    browser.closes('p1');

    expect(ada.found).toEqual([]);
  });

  test('has nothing left of what was settled', () => {
    const before = browser.page('p1');
    before.shelf.put(entry('a'));
    before.shelf.remove('a');
    const after = browser.page('p2').watches();

    browser.closes('p1');

    expect(after.found).toEqual([]);
  });

  test('tells what another page settled', () => {
    const page = browser.page('p1').watches();

    browser.tells('wschat.outbox/7/a', true);
    browser.tells('wschat.outbox/8/b', true);
    page.unwatch();
    browser.tells('wschat.outbox/7/c', true);

    expect(page.removed).toEqual(['a']);
  });

  test('ignores what is damaged', () => {
    const before = browser.page('p1');
    before.shelf.put(entry('good'));
    const good = String(browser.storage['wschat.outbox/7/good']);
    const damaged = [
      ['not-json', '{'],
      ['not-an-object', '7'],
      ['bad id', good],
      ['no-text', good.replace('text of good', '')],
      ['no-time', good.replace('"queuedAtMs":1', '"queuedAtMs":"soon"')],
      ['endless', good.replace('"queuedAtMs":1', '"queuedAtMs":1e999')],
      ['beyond-dates', good.replace('"queuedAtMs":1', '"queuedAtMs":1e300')],
      ['before-1970', good.replace('"queuedAtMs":1', '"queuedAtMs":-1')],
      ['endless-try', good.replace('"triedAtMs":null', '"triedAtMs":-1e999')],
    ] as const;
    for (const [id, value] of damaged) browser.storage[`wschat.outbox/7/${id}`] = value;

    const after = browser.page('p2').watches();
    browser.closes('p1');

    expect(after.found).toEqual(['good']);
  });

  test('survives a storage that is forbidden or full', () => {
    const shelf = new StoredShelf({
      onChange: () => () => {},
      open: () => {
        throw new Error('QuotaExceededError');
      },
      pages: { ownId: 'p1', whenGone: () => {} },
      roomId: '7',
      sender: 'Ada',
    });

    shelf.put(entry('a'));
    shelf.remove('a');

    expect(() => shelf.watch({ onFound: () => {}, onRemoved: () => {} })).not.toThrow();
  });
});
