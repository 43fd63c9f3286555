import * as v from 'valibot';
import { CountSchema } from './count.ts';

/** Default number of messages in a page. */
export const HISTORY_PAGE = 50;
/** Maximum number of messages in a page. */
export const HISTORY_PAGE_MAX = 200;
/** Maximum size of a page in bytes, unless its first message alone is larger. */
export const HISTORY_PAGE_BYTES = 1_048_576;

const PageSchema = v.object({
  epoch: v.string(),
  oldest: CountSchema,
  head: CountSchema,
  messages: v.array(v.object({ offset: CountSchema, message: v.unknown() })),
});

/** A page of a room's history, oldest message first. */
export interface RoomHistoryPage {
  /** The epoch of the store. Offsets are comparable within its life (see `lifeOf`). */
  readonly epoch: string;
  /** The oldest position that is kept; `head + 1` if none is. */
  readonly oldest: number;
  /** The newest position assigned; 0 before the first. */
  readonly head: number;
  readonly messages: readonly { readonly offset: number; readonly message: unknown }[];
}

/** Validates the server's answer; `null` if it is not a page of a history. */
export function parseHistoryPage(value: unknown): RoomHistoryPage | null {
  const parsed = v.safeParse(PageSchema, value);
  return parsed.success ? parsed.output : null;
}
