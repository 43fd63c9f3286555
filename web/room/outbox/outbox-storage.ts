import type { OutboxEntries, OutboxEntry } from './outbox-entries.ts';

/** Told of what other pages of this browser do with the same outbox. */
export interface OutboxStorageWatcher {
  /** They left these behind; from now on they are this page's to send. */
  onFound(entries: OutboxEntries): void;
  /** This one is settled. */
  onRemoved(id: string): void;
}

/** Where the outbox of one person in one room outlasts the page. Never throws. */
export interface OutboxStorage {
  put(entry: OutboxEntry): void;
  remove(id: string): void;
  /** Returns what ends it. May call back at once. */
  watch(watcher: OutboxStorageWatcher): () => void;
}
