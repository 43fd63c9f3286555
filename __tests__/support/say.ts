import { parseHistoryPage } from '../../shared/history.ts';
import { SocketClient } from './socket-client.ts';

/** Says something in a room as somebody without a page; resolves when all of it is kept. */
export async function say(
  url: string,
  roomId: string,
  texts: readonly string[],
  sender = 'Park',
): Promise<void> {
  const client = await SocketClient.connect(url);
  for (const message of texts)
    await client.chat({ type: 'TALK', roomId, sender, message }, message);
  client.webSocket.terminate();
}

/** The texts that were said in a room, in order, as its history has them. */
export async function keptIn(url: string, roomId: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/rooms/${roomId}/messages?limit=200`);
  const page = parseHistoryPage(await response.json());
  if (page === null) throw new Error('this is no page of a history');
  return page.messages.flatMap(({ message }) => {
    const isTalk = typeof message === 'object' && message !== null && 'message' in message;
    return isTalk && 'type' in message && message.type === 'TALK' ? String(message.message) : [];
  });
}

/** `m1` to `m<count>`, or from another on. */
export function numbered(count: number, from = 1): readonly string[] {
  return Array.from({ length: count }, (_, index) => `m${from + index}`);
}
