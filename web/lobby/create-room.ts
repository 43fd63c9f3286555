import * as v from 'valibot';
import type { Refusal } from '../../shared/refusal.ts';

export type Created =
  | { readonly type: 'created'; readonly roomId: string }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'unreachable' };

const RoomSchema = v.object({ roomId: v.string() });
const RefusalSchema = v.object({ code: v.string(), text: v.string() });

/** Asks the broker to create a room with that name; it gets the next free number. Never throws. */
export async function createRoom(name: string, fetch: typeof globalThis.fetch): Promise<Created> {
  try {
    const response = await fetch('/api/rooms', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    return createdBy(await response.json());
  } catch {
    return { type: 'unreachable' }; // no network, or an answer from something else, such as a proxy
  }
}

function createdBy(body: unknown): Created {
  const room = v.safeParse(RoomSchema, body);
  if (room.success) return { type: 'created', roomId: room.output.roomId };
  const refusal = v.safeParse(RefusalSchema, body);
  return refusal.success ? { type: 'refused', refusal: refusal.output } : { type: 'unreachable' };
}
