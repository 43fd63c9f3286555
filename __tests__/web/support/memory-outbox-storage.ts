import type { OutboxEntries, OutboxEntry } from '../../../web/room/outbox/outbox-entries.ts';
import type {
  OutboxStorage,
  OutboxStorageWatcher,
} from '../../../web/room/outbox/outbox-storage.ts';

/** An outbox storage in memory; the test plays the other pages. */
export class MemoryOutboxStorage implements OutboxStorage {
  readonly items = new Map<string, OutboxEntry>();
  watcher: OutboxStorageWatcher | null = null;

  put(entry: OutboxEntry): void {
    this.items.set(entry.id, entry);
  }

  remove(id: string): void {
    this.items.delete(id);
  }

  watch(watcher: OutboxStorageWatcher): () => void {
    this.watcher = watcher;
    return () => {
      this.watcher = null;
    };
  }

  /** Reports entries that another page left behind. */
  find(entries: OutboxEntries): void {
    this.watcher?.onFound(entries);
  }
}
