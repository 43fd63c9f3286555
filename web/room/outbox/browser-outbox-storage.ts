// The outbox in the browser's local storage. Each entry is an item of its own, so two pages can
// write at the same time without losing updates. Each item names the page that owns it, so only
// that page sends it. When a page reloads or crashes, the first page to notice takes over its
// entries. Where the browser cannot tell which pages are open, an entry may be sent twice; the
// broker deduplicates by its id.

import * as v from 'valibot';
import { MESSAGE_CODE_POINTS_MAX } from '../../../shared/chat-message.ts';
import { hasCodePoints, NameSchema, personKey } from '../../../shared/names.ts';
import { parseJson } from '../../parts/json.ts';
import { TimeStampSchema } from '../../parts/time-stamp.ts';
import type { DeliveryState, OutboxEntry } from './outbox-entries.ts';
import type { OutboxStorage, OutboxStorageWatcher } from './outbox-storage.ts';
import type { Pages } from './pages.ts';

const KEY_PREFIX = 'wschat.outbox';

const ItemSchema = v.object({
  page: v.string(),
  sender: NameSchema,
  text: v.pipe(
    v.string(),
    v.check((text) => hasCodePoints(text, 1, MESSAGE_CODE_POINTS_MAX)),
  ),
  queuedAtMs: TimeStampSchema,
  triedAtMs: v.nullable(TimeStampSchema),
  refusal: v.nullable(v.object({ code: v.string(), text: v.string() })),
});

interface Item {
  readonly entry: OutboxEntry;
  readonly page: string;
}

export interface BrowserOutboxStorageOptions {
  /** A function, because merely reading `window.localStorage` may throw. */
  readonly open: () => Storage;
  readonly pages: Pages;
  readonly roomId: string;
  readonly sender: string;
  /** Subscribes to changes that other pages make; returns the function that unsubscribes. */
  readonly onChanged: (listener: (key: string | null, isRemoved: boolean) => void) => () => void;
}

export class BrowserOutboxStorage implements OutboxStorage {
  readonly #options: BrowserOutboxStorageOptions;
  /** Unambiguous, because room ids and message ids contain no `/`. */
  readonly #prefix: string;
  readonly #awaited = new Set<string>();
  #watcher: OutboxStorageWatcher | null = null;

  constructor(options: BrowserOutboxStorageOptions) {
    this.#options = options;
    this.#prefix = `${KEY_PREFIX}/${options.roomId}/`;
  }

  put({ deliveryState, id, queuedAtMs, sender, text, triedAtMs }: OutboxEntry): void {
    const refusal = deliveryState.type === 'failed' ? deliveryState.refusal : null;
    const page = this.#options.pages.ownId;
    const item = { page, sender, text, queuedAtMs, triedAtMs, refusal };
    this.#attempt((storage) => storage.setItem(this.#prefix + id, JSON.stringify(item)));
  }

  remove(id: string): void {
    this.#attempt((storage) => storage.removeItem(this.#prefix + id));
  }

  watch(watcher: OutboxStorageWatcher): () => void {
    this.#watcher = watcher;
    const unlisten = this.#options.onChanged((key, isRemoved) => {
      if (key?.startsWith(this.#prefix) !== true) return;
      if (isRemoved) watcher.onRemoved(key.slice(this.#prefix.length));
      else this.#awaitOthers();
    });
    this.#awaitOthers();
    return () => {
      this.#watcher = null;
      unlisten();
    };
  }

  /** Arranges to take over the entries of each other page once it is closed. */
  #awaitOthers(): void {
    const { pages } = this.#options;
    for (const { page } of this.#items()) {
      if (page === pages.ownId || this.#awaited.has(page)) continue;
      this.#awaited.add(page);
      pages.whenGone(page, () => {
        this.#awaited.delete(page);
        this.#takeOver(page);
      });
    }
  }

  #takeOver(from: string): void {
    if (this.#watcher === null) return;
    // Read again, because another page may have taken them over first.
    const found = this.#items().filter(({ page }) => page === from);
    const entries = found.map(({ entry }) => entry);
    for (const entry of entries) this.put(entry);
    if (entries.length > 0) this.#watcher.onFound(entries);
  }

  #items(): readonly Item[] {
    const items = this.#attempt((storage) =>
      Object.keys(storage)
        .filter((key) => key.startsWith(this.#prefix))
        .flatMap((key) => itemOf(key.slice(this.#prefix.length), storage.getItem(key)) ?? []),
    );
    const me = personKey(this.#options.sender);
    return (items ?? [])
      .filter(({ entry }) => personKey(entry.sender) === me)
      .sort((a, b) => a.entry.queuedAtMs - b.entry.queuedAtMs);
  }

  #attempt<T>(use: (storage: Storage) => T): T | undefined {
    try {
      return use(this.#options.open());
    } catch {
      return undefined; // storage is forbidden or full: the entry lives as long as the page
    }
  }
}

/** Reports storage changes made by other pages; returns the function that stops it. */
export function storageChanges(
  window: Window,
  listener: (key: string | null, isRemoved: boolean) => void,
): () => void {
  const onStorage = ({ key, newValue }: StorageEvent) => listener(key, newValue === null);
  window.addEventListener('storage', onStorage);
  return () => window.removeEventListener('storage', onStorage);
}

/** `null` if the item is damaged or was written by another version of the page. */
function itemOf(id: string, value: string | null): Item | null {
  const parsed = v.safeParse(ItemSchema, parseJson(value ?? ''));
  if (!parsed.success || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) return null;
  const { page, refusal, ...said } = parsed.output;
  const deliveryState: DeliveryState =
    refusal === null ? { type: 'waiting' } : { type: 'failed', refusal };
  return { page, entry: { id, ...said, deliveryState } };
}
