import type { Changes } from './changes.ts';

/** Pages that every transaction may write: its roots, and the list of free pages. */
const PAGES_MIN = 64;
/** The way down to both ends of a stream. */
const PAGES_OF_STREAM = 6;
/** Keys that a half full page has at least. */
const KEYS_OF_PAGE = 24;

/**
 * Bytes that LMDB may write at most for these commits, in one transaction.
 *
 * @param repeatPages pages of the index of message ids
 */
export function bytesToWrite(
  commits: readonly Changes[],
  pageBytes: number,
  repeatPages: number,
): number {
  let bytes = 0;
  let pages = PAGES_MIN;
  let keys = 0;
  let ids = 0;
  for (const { dormant, facts, forgotten, removals, streams, terms, writes } of commits) {
    // Each stream is written at its end, and forgotten at its beginning.
    pages += facts.size + PAGES_OF_STREAM * (streams.length + terms.length);
    // A dormant one leaves two databases for two others, anywhere in them.
    pages += PAGES_OF_STREAM * 2 * dormant.length;
    ids += forgotten.length;
    for (const { from, to } of removals) keys += to - from;
    for (const { record, deduplicationId } of writes) {
      bytes += record.length;
      keys += 1;
      if (deduplicationId !== undefined) ids += 1;
    }
  }
  // Ids are anywhere in their index, and all else is written side by side.
  pages += Math.min(ids, repeatPages) + Math.ceil((ids + keys) / KEYS_OF_PAGE);
  return pages * pageBytes + 2 * bytes;
}
