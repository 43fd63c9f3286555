import type { MemoryTransport } from './memory-transport.ts';
import type { ReceivedFrame } from './parse-frames.ts';
import { turns } from './turns.ts';

/** The MESSAGEs since the last look; everything else is passed over. */
export function messagesOf(client: MemoryTransport): ReceivedFrame[] {
  return client.take().filter(({ command }) => command === 'MESSAGE');
}

/** The bodies of the MESSAGEs since the last look, when all is done that was under way. */
export async function bodiesOf(client: MemoryTransport): Promise<string[]> {
  await turns();
  return messagesOf(client).map(({ body }) => body);
}

/** How 1.2 and how 1.1 name a delivery; 1.0 leaves the subscription out. */
export function nameOf({ headers }: ReceivedFrame): Record<string, string> {
  if (headers.ack !== undefined) return { id: headers.ack };
  const { 'message-id': messageId = '', subscription } = headers;
  return { 'message-id': messageId, ...(subscription === undefined ? {} : { subscription }) };
}

/** Acknowledges these, each by itself. */
export function acknowledge(client: MemoryTransport, ...messages: ReceivedFrame[]): void {
  for (const message of messages) client.frame('ACK', nameOf(message));
}

/** SENDs these to one destination, as they are. */
export function send(client: MemoryTransport, destination: string, ...bodies: string[]): void {
  for (const body of bodies) client.frame('SEND', { destination }, body);
}
