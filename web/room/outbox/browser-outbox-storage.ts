// The outbox in the browser's storage. Each entry is an item of its own, so that two pages write at
// once and neither loses what the other wrote; and each names the page that sends it, so that no two
// do. What a page leaves behind, by a reload or a crash, falls to the first that asks for it. Where a
// browser cannot tell who is gone, entries may go out twice: the broker knows them by their ids.

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
  /** A function because already reading `window.localStorage` may throw. */
  readonly open: () => Storage;
  readonly pages: Pages;
  readonly roomId: string;
  readonly sender: string;
  /** Tells of changes that other pages made; returns what ends it. */
  readonly onChanged: (listener: (key: string | null, isRemoved: boolean) => void) => () => void;
}

export class BrowserOutboxStorage implements OutboxStorage {
  readonly #options: BrowserOutboxStorageOptions;
  /** Room ids and message ids have no `/`. */
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

  /** The entries of other pages become this one's when those are gone. */
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
    // Read again: another page may have been faster.
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
      return undefined; // forbidden or full: the entry lives as long as the page
    }
  }
}

/** Tells of what other pages change in the storage they share; returns what ends it. */
export function storageChanges(
  window: Window,
  listener: (key: string | null, isRemoved: boolean) => void,
): () => void {
  const onStorage = ({ key, newValue }: StorageEvent) => listener(key, newValue === null);
  window.addEventListener('storage', onStorage);
  return () => window.removeEventListener('storage', onStorage);
}

/** `null`: damaged, or of another version of the page. */
function itemOf(id: string, value: string | null): Item | null {
  const parsed = v.safeParse(ItemSchema, parseJson(value ?? ''));
  if (!parsed.success || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) return null;
  const { page, refusal, ...said } = parsed.output;
  const deliveryState: DeliveryState =
    refusal === null ? { type: 'waiting' } : { type: 'failed', refusal };
  return { page, entry: { id, ...said, deliveryState } };
}
