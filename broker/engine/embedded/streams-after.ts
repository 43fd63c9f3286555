import type { TermHistory } from '../terms.ts';
import type { Changes } from './changes.ts';
import type { StoredStream } from './record.ts';

/** The streams and their terms once all commits are applied; `null`: the stream is dormant. */
export function streamsAfter(commits: readonly Changes[]) {
  const streams = new Map<number, StoredStream | null>();
  const all = new Map<number, TermHistory | null>();
  for (const { dormant, streams: changed, terms: used } of commits) {
    for (const { id } of dormant) {
      streams.set(id, null);
      all.set(id, null);
    }
    for (const stream of changed) streams.set(stream.id, stream);
    for (const { streamId, terms } of used) all.set(streamId, terms);
  }
  return { streams, terms: all };
}
