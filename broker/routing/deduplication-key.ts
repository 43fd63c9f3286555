import { createHash } from 'node:crypto';
import { DEDUPLICATION_ID } from '../../shared/header-names.ts';
import type { Outgoing } from '../application/reply.ts';
import type { DeduplicationKey } from '../engine/engine.ts';
import { type Header, headerOf } from '../stomp/frame.ts';

/** @param digest identifies the content of the message; absent: the digest of its body */
export function deduplicationKey(id: string, body: Buffer, digest?: string): DeduplicationKey {
  return { id, digest: digest ?? createHash('sha256').update(body).digest('base64') };
}

/**
 * The key of a message that a handler publishes. The header of the SEND takes precedence over the
 * id that the handler found in the body.
 *
 * @param at the index of the message among those of one SEND, which are no duplicates of each other
 */
export function duplicateOf(
  { deduplication }: Outgoing,
  sent: { readonly headers: readonly Header[]; readonly body: Buffer },
  at: number,
): DeduplicationKey | undefined {
  const deduplicationId = headerOf(sent, DEDUPLICATION_ID);
  if (deduplicationId === undefined) return deduplication;
  return deduplicationKey(
    at === 0 ? deduplicationId : `${deduplicationId} ${at}`,
    sent.body,
    deduplication?.digest,
  );
}
