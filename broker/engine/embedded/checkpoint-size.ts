import type { Changes } from './changes.ts';

/** Pages that every transaction may write: the roots, and the list of free pages. */
const PAGES_MIN = 64;
/** Pages on the paths from the root to both ends of a stream. */
const PAGES_OF_STREAM = 6;
/** The fewest keys of a half full page. */
const KEYS_OF_PAGE = 24;

/**
 * The most bytes that LMDB can write for these commits in one transaction.
 *
 * @param indexPages the pages of the deduplication index
 */
export function bytesToWrite(
  commits: readonly Changes[],
  pageBytes: number,
  indexPages: number,
): number {
  let bytes = 0;
  let pages = PAGES_MIN;
  let keys = 0;
  let ids = 0;
  for (const { dormant, facts, forgotten, removals, streams, terms, writes } of commits) {
    // Messages are added at the end of a stream, and removed at its beginning.
    pages += facts.size + PAGES_OF_STREAM * (streams.length + terms.length);
    // A stream that becomes dormant moves from two databases to two others, at any place in them.
    pages += PAGES_OF_STREAM * 2 * dormant.length;
    ids += forgotten.length;
    for (const { from, to } of removals) keys += to - from;
    for (const { record, deduplicationId } of writes) {
      bytes += record.length;
      keys += 1;
      if (deduplicationId !== undefined) ids += 1;
    }
  }
  // Ids are spread over their index, while all other keys are side by side.
  pages += Math.min(ids, indexPages) + Math.ceil((ids + keys) / KEYS_OF_PAGE);
  return pages * pageBytes + 2 * bytes;
}
