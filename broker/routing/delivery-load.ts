import { octetsOf } from '../../shared/octets.ts';
import type { Publication } from '../engine/engine.ts';
import type { Outlet } from './outlet.ts';
import type { TopicSubscribers } from './subscription-index.ts';

/** Bytes that count as one unit of work when they are written (`turn-budget.ts`). */
const UNIT_BYTES = 32 * 1_024;

export type Sheddable = Pick<Outlet, 'shed'>;

/** The subscribers that a batch may reach; the same for all of its destinations. */
export interface Recipients {
  /**
   * A subscription with a higher serial number was made after the batch, and gets nothing of it.
   */
  readonly newest: number;
  /** Subscribers that read too slowly. They are shed when nobody iterates over the index. */
  readonly slow: Set<Sheddable>;
}

/** The publications of a batch at one destination. */
export interface Load extends Recipients {
  /** Ephemeral messages are the first to be dropped, long before a session is shed. */
  readonly isDroppable: boolean;
  readonly publications: readonly Publication[];
  /** Units of work of one write of all publications. */
  readonly units: number;
}

export function loadOf(publications: readonly Publication[], { newest, slow }: Recipients): Load {
  let bytes = 0;
  let isDroppable = true;
  for (const { isEphemeral, message } of publications) {
    bytes += octetsOf(message);
    isDroppable &&= isEphemeral;
  }
  return { isDroppable, newest, publications, slow, units: 1 + Math.trunc(bytes / UNIT_BYTES) };
}

/** The number of subscriptions that are written to. */
export function writesIn(subscribers: readonly TopicSubscribers[]): number {
  let writes = 0;
  for (const { feeds, groups } of subscribers) {
    writes += feeds.size;
    for (const { members } of groups.values()) writes += members.length;
  }
  return writes;
}

export function byDestination(batch: readonly Publication[]): Map<string, Publication[]> {
  const destinations = new Map<string, Publication[]>();
  for (const publication of batch) {
    const known = destinations.get(publication.destination);
    if (known === undefined) destinations.set(publication.destination, [publication]);
    else known.push(publication);
  }
  return destinations;
}
