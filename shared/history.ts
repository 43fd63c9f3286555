import * as v from 'valibot';
import { CountSchema } from './count.ts';

/** Messages of one page, if nothing else is asked for. */
export const HISTORY_PAGE = 50;
/** Messages of one page at the most. */
export const HISTORY_PAGE_MAX = 200;
/** Bytes of one page, unless its first message alone has more. */
export const HISTORY_PAGE_BYTES = 1_048_576;

const PageSchema = v.object({
  epoch: v.string(),
  oldest: CountSchema,
  head: CountSchema,
  messages: v.array(v.object({ offset: CountSchema, message: v.unknown() })),
});

/** A piece of a room's history, oldest first. */
export interface RoomHistoryPage {
  /** The epoch of the store; the part before its last `-` is the life that the offsets belong to. */
  readonly epoch: string;
  /** The oldest position that is kept; `head + 1` when none is. */
  readonly oldest: number;
  /** The newest position that was given; 0 before the first. */
  readonly head: number;
  readonly messages: readonly { readonly offset: number; readonly message: unknown }[];
}

/** Reads what the server answered; `null`: it is no page of a history. */
export function parseHistoryPage(value: unknown): RoomHistoryPage | null {
  const parsed = v.safeParse(PageSchema, value);
  return parsed.success ? parsed.output : null;
}
