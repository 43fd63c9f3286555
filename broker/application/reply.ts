import type { FactChange } from '../engine/engine.ts';
import type { Caller, HeaderPair } from './request.ts';

/** Something to publish, at a topic or a queue with its prefix. */
export interface Outgoing {
  readonly destination: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** Not kept, and the first to be dropped: `x-ephemeral` does the same from outside. */
  readonly isEphemeral?: boolean | undefined;
  /** Recognises a repeat: `digest` stands for what was said by whom. */
  readonly deduplication?: { readonly id: string; readonly digest: string } | undefined;
  /** For one user or one session; the destination is then `/queue/…`, without the user prefix. */
  readonly to?: { readonly user: string } | { readonly sessionId: string };
}

/**
 * What a handler returns. It publishes nothing itself, so that a list of SENDs can be committed
 * together, or not at all.
 */
export interface Reply {
  readonly publish: readonly Outgoing[];
  /** Committed together with what is published, or not at all. */
  readonly facts?: readonly FactChange[];
  /** Runs once after the commit, in the order of the frames. */
  readonly committed?: () => void;
  /** Runs once instead of `committed` if the reply is refused or given up. */
  readonly cancelled?: () => void;
}

const JSON_TYPE: HeaderPair = ['content-type', 'application/json'];

/** A JSON body for a destination, with these headers and no others, but for their content-type. */
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
 * As `sendTo`, to every session of a user that has subscribed to `/user` + destination.
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

/** As `sendToUser`, to this session alone: whoever asked, for example. */
export function sendToSession(
  { sessionId }: Pick<Caller, 'sessionId'>,
  destination: string,
  value: unknown,
  options: SendOptions = {},
): Outgoing {
  return { ...sendTo(destination, value, options), to: { sessionId } };
}
