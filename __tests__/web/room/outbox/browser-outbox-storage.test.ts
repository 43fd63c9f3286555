import { beforeEach, describe, expect, test } from '@jest/globals';
import { BrowserOutboxStorage } from '../../../../web/room/outbox/browser-outbox-storage.ts';
import type { OutboxEntry } from '../../../../web/room/outbox/outbox-entries.ts';
import type { Pages } from '../../../../web/room/outbox/pages.ts';

/** A fake `Storage`: as in a browser, its items are its own enumerable properties. */
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

/** The pages of one browser, which tests can close. */
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

  close(id: string): void {
    for (const run of this.#waiting.get(id) ?? []) run();
    this.#waiting.delete(id);
  }

  notify(key: string, isRemoved: boolean): void {
    for (const listener of this.listeners) listener(key, isRemoved);
  }
}

class Page {
  readonly found: string[] = [];
  readonly removed: string[] = [];
  readonly storage: BrowserOutboxStorage;
  unwatch: () => void = () => {};

  constructor(browser: FakeBrowser, pages: Pages) {
    this.storage = storageIn(browser, pages, 'Ada');
  }

  watch(): this {
    this.unwatch = this.storage.watch({
      onFound: (entries) => this.found.push(...entries.map(({ id }) => id)),
      onRemoved: (id) => this.removed.push(id),
    });
    return this;
  }
}

function storageIn(browser: FakeBrowser, pages: Pages, sender: string): BrowserOutboxStorage {
  return new BrowserOutboxStorage({
    onChanged: (listener) => {
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
  deliveryState: { type: 'waiting' },
});

let browser: FakeBrowser;
beforeEach(() => {
  browser = new FakeBrowser();
});

describe('the browser outbox storage', () => {
  test('hands the entries of a closed page to the next page, in order', () => {
    const before = browser.page('p1').watch();
    before.storage.put(entry('b', 2));
    before.storage.put(entry('a', 1));

    const after = browser.page('p2').watch();
    expect(after.found).toEqual([]);
    browser.close('p1');

    expect(after.found).toEqual(['a', 'b']);
  });

  test('hands each entry to one page only', () => {
    browser.page('p1').storage.put(entry('a'));
    const [second, third] = [browser.page('p2').watch(), browser.page('p3').watch()];

    browser.close('p1');
    expect([second.found, third.found]).toEqual([['a'], []]);
    browser.notify('wschat.outbox/7/a', false);
    browser.close('p2');

    expect(third.found).toEqual(['a']);
  });

  test('hands over no entries of other people', () => {
    browser.page('p1').storage.put(entry('a', 1, 'Bob'));
    const ada = browser.page('p2').watch();

    browser.close('p1');

    expect(ada.found).toEqual([]);
  });

  test('hands over nothing that was settled', () => {
    const before = browser.page('p1');
    before.storage.put(entry('a'));
    before.storage.remove('a');
    const after = browser.page('p2').watch();

    browser.close('p1');

    expect(after.found).toEqual([]);
  });

  test('reports entries that another page settled', () => {
    const page = browser.page('p1').watch();

    browser.notify('wschat.outbox/7/a', true);
    browser.notify('wschat.outbox/8/b', true);
    page.unwatch();
    browser.notify('wschat.outbox/7/c', true);

    expect(page.removed).toEqual(['a']);
  });

  test('ignores damaged items', () => {
    const before = browser.page('p1');
    before.storage.put(entry('good'));
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

    const after = browser.page('p2').watch();
    browser.close('p1');

    expect(after.found).toEqual(['good']);
  });

  test('survives a storage that is forbidden or full', () => {
    const storage = new BrowserOutboxStorage({
      onChanged: () => () => {},
      open: () => {
        throw new Error('QuotaExceededError');
      },
      pages: { ownId: 'p1', whenGone: () => {} },
      roomId: '7',
      sender: 'Ada',
    });

    storage.put(entry('a'));
    storage.remove('a');

    expect(() => storage.watch({ onFound: () => {}, onRemoved: () => {} })).not.toThrow();
  });
});
