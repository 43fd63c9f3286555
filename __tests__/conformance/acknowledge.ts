import type { StompVersion } from '../../broker/stomp/version.ts';
import type { StompPeer } from './stomp-peer.ts';
import type { WireFrame } from './wire-frame.ts';

/** The headers by which an ACK or NACK names a MESSAGE. */
export function namedBy(version: StompVersion, { headers }: WireFrame): Record<string, string> {
  const { ack = '', subscription = '', 'message-id': messageId = '' } = headers;
  switch (version) {
    case '1.2':
      return { id: ack };
    case '1.1':
      return { subscription, 'message-id': messageId };
    case '1.0':
      return { 'message-id': messageId };
  }
}

/** Says an ACK or NACK, and waits until it counts. */
export async function settle(
  peer: StompPeer,
  command: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  peer.frame(command, { ...headers, receipt: 'settled' });
  await peer.expectReceipt('settled');
}
