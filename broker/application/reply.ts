import type { FactChange } from '../engine/engine.ts';
import type { Caller, HeaderPair } from './request.ts';

/** A message to publish at a topic or queue. */
export interface Outgoing {
  readonly destination: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** Not kept, and the first to be dropped, as with the `x-ephemeral` header of a SEND. */
  readonly isEphemeral?: boolean | undefined;
  /** Recognises duplicates. `digest` stands for the sender and the contents. */
  readonly deduplication?: { readonly id: string; readonly digest: string } | undefined;
  /** For one user or one session; the destination is then `/queue/…`, without the user prefix. */
  readonly to?: { readonly user: string } | { readonly sessionId: string };
}

/**
 * The result of a `message` handler. The handler publishes nothing itself, so that the SENDs of a
 * transaction can be committed together, or not at all.
 */
export interface Reply {
  readonly publish: readonly Outgoing[];
  /** Runs once after the commit, in the order of the frames. */
  readonly committed?: () => void;
  /** Runs once instead of `committed` if the reply is refused or given up. */
  readonly cancelled?: () => void;
}

/** A reply that also changes facts of the store. The chat owns the names of facts, so it is internal. */
export interface ReplyWithFacts extends Reply {
  /** Committed in one append with `publish`, or not at all. */
  readonly facts?: readonly FactChange[];
}

const JSON_TYPE: HeaderPair = ['content-type', 'application/json'];

/** A message with a JSON body. It has these headers, with the content-type of JSON. */
export function sendTo(
  destination: string,
  value: unknown,
  options: Pick<Outgoing, 'isEphemeral' | 'deduplication'> & {
    headers?: readonly HeaderPair[];
  } = {},
): Outgoing {
  const { headers = [], isEphemeral, deduplication } = options;
  const passed = headers.filter(([name]) => name !== JSON_TYPE[0]);
  const body = Buffer.from(JSON.stringify(value));
  return { destination, headers: [JSON_TYPE, ...passed], body, isEphemeral, deduplication };
}

type SendOptions = Parameters<typeof sendTo>[2];

/**
 * Like `sendTo`, for every session of a user that has subscribed to `/user` + destination.
 *
 * @param destination begins with `/queue/`
 */
export function sendToUser(
  user: string,
  destination: string,
  value: unknown,
  options: SendOptions = {},
): Outgoing {
  return { ...sendTo(destination, value, options), to: { user } };
}

/** Like `sendToUser`, for one session only, such as that of the caller. */
export function sendToSession(
  { sessionId }: Pick<Caller, 'sessionId'>,
  destination: string,
  value: unknown,
  options: SendOptions = {},
): Outgoing {
  return { ...sendTo(destination, value, options), to: { sessionId } };
}
