import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';

const RoomSchema = v.object({ name: v.nullable(v.string()) });

/**
 * The room's name, or `null` if it has none or it could not be read. It is requested only after
 * entering: before that the room may not exist, and the browser would log the 404 as an error.
 */
export function useRoomName(roomId: string, isIn: boolean): string | null {
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    if (!isIn) return;
    const visit = new AbortController();
    const ask = async () => {
      const named = await roomNameOf(roomId, visit.signal);
      if (!visit.signal.aborted) setName(named);
    };
    void ask(); // `roomNameOf` does not throw
    return () => visit.abort();
  }, [roomId, isIn]);
  return name;
}

async function roomNameOf(roomId: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(`/api/rooms/${roomId}`, { signal });
    const room = v.safeParse(RoomSchema, response.ok ? await response.json() : null);
    return room.success ? room.output.name : null;
  } catch {
    return null; // the id identifies the room as well
  }
}
