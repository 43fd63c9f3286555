import type { Wire } from './use-wire.ts';

let queues = 0;

/** No test sees what another one left in its queue. */
export function newQueue(): string {
  queues += 1;
  return `/queue/conformance/${queues}`;
}

/** Sends each text, and waits until all are with their subscriber, or wait for one. */
export async function fill(wire: Wire, destination: string, ...texts: string[]): Promise<void> {
  const peer = await wire.connect();
  for (const text of texts) peer.frame('SEND', { destination }, text);
  await peer.expectNothing();
}

/** The next so many messages of a queue, and whether each says that it was delivered before. */
export async function take(
  wire: Wire,
  queue: string,
  count: number,
): Promise<[text: string, redelivered: string | undefined][]> {
  const peer = await wire.listen(queue);
  const messages: [string, string | undefined][] = [];
  while (messages.length < count) {
    const { headers, text } = await peer.expect('MESSAGE');
    messages.push([text, headers.redelivered]);
  }
  await peer.expectNothing();
  return messages;
}
