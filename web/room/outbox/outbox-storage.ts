import type { OutboxEntries, OutboxEntry } from './outbox-entries.ts';

/** Receives changes that other pages of this browser make to the same outbox. */
export interface OutboxStorageWatcher {
  /** A closed page left these entries behind; this page owns them now and sends them. */
  onFound(entries: OutboxEntries): void;
  /** Another page settled this entry. */
  onRemoved(id: string): void;
}

/** Storage for the outbox of one person in one room that outlasts the page. Never throws. */
export interface OutboxStorage {
  put(entry: OutboxEntry): void;
  remove(id: string): void;
  /** Returns a function that stops the watcher. May call the watcher before it returns. */
  watch(watcher: OutboxStorageWatcher): () => void;
}
