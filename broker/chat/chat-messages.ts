// The handler of `/app/chat/message`. It changes nothing itself: its reply has the message to
// publish, the membership facts to commit with it, and the change that follows the commit.

import {
  CHAT_MESSAGE_PROBLEMS,
  type ChatMessage,
  parseChatMessage,
} from '../../shared/chat-message.ts';
import { roomIdText } from '../../shared/room-id.ts';
import { reject } from '../application/rejection.ts';
import { type Outgoing, type ReplyWithFacts, sendTo } from '../application/reply.ts';
import type { Request } from '../application/request.ts';
import type { Clock } from '../clock.ts';
import { type Maybe, settle } from '../maybe.ts';
import { announce } from './announcement.ts';
import type { ChatRate } from './chat-rate.ts';
import type { Entering, Membership, MembershipChange } from './membership.ts';
import { ROOM_REFUSALS, type RoomDirectory, type RoomRefusal } from './room-directory.ts';

export interface ChatMessagesOptions {
  /** Larger bodies are refused before they are parsed. */
  readonly bodyBytesMax: number;
  readonly clock: Clock;
  readonly membership: Pick<Membership, 'enter' | 'leave'>;
  readonly rate: ChatRate;
  /** The destination of a room. */
  readonly roomOf: (roomId: string) => string;
  readonly rooms: Pick<RoomDirectory, 'use'>;
}

export class ChatMessages {
  readonly #options: ChatMessagesOptions;

  constructor(options: ChatMessagesOptions) {
    this.#options = options;
  }

  /** Rejects a message that is malformed, or one too many. */
  handle(request: Request): Maybe<ReplyWithFacts> {
    const { address } = request.caller;
    const message = this.#read(request);
    if (message.type === 'TYPING') return this.#replyTo(message, request);
    // Not by `settle`, which would cost each message a closure.
    const used = this.#options.rooms.use(roomIdText(message.roomId), address);
    if (!(used instanceof Promise)) return this.#replyInRoom(used, message, request);
    return used.then((refusal) => this.#replyInRoom(refusal, message, request));
  }

  #read(request: Request): ChatMessage {
    const { bodyBytesMax, rate } = this.#options;
    // A body that is not parsed costs no more than the smallest one.
    const isTooLarge = request.body.length > bodyBytesMax;
    if (!rate.take(request.caller, isTooLarge ? 0 : request.body.length)) {
      reject('RATE_LIMITED', 'too many messages in a short time');
    }
    if (isTooLarge) {
      reject('BODY_TOO_LARGE', `a message into the chat has at most ${bodyBytesMax} bytes`);
    }
    const parsed = parseChatMessage(request.json());
    if (parsed.type === 'refused') reject(parsed.code, CHAT_MESSAGE_PROBLEMS[parsed.code]);
    return parsed.message;
  }

  #replyInRoom(
    refusal: RoomRefusal | null,
    message: ChatMessage,
    request: Request,
  ): Maybe<ReplyWithFacts> {
    if (refusal !== null) reject(refusal, ROOM_REFUSALS[refusal]);
    return this.#replyTo(message, request);
  }

  #replyTo(message: ChatMessage, { caller }: Request): Maybe<ReplyWithFacts> {
    const { clock, membership, roomOf } = this.#options;
    const roomId = roomIdText(message.roomId);
    const isResume = message.resume === true;
    const { published, deduplication } = announce(message, clock.now());
    // No header of the SEND is passed on, because clients send tokens in them.
    const outgoing = sendTo(roomOf(roomId), published, {
      isEphemeral: message.type === 'TYPING',
      deduplication,
    });
    const person = { roomId, name: message.sender };
    switch (message.type) {
      case 'TALK':
      case 'TYPING':
        return { publish: [outgoing] };
      case 'LEAVE':
        return settle(membership.leave(caller.sessionId, person), (leaving) => {
          return replyWith(leaving, [outgoing]);
        });
      case 'ENTER':
        return settle(membership.enter(caller.sessionId, person), (entering) => {
          return replyToEnter(entering, isResume, outgoing);
        });
    }
  }
}

function replyToEnter(
  entering: Entering | null,
  isResume: boolean,
  outgoing: Outgoing,
): ReplyWithFacts {
  if (entering === null) {
    reject('TOO_MANY_MEMBERSHIPS', 'the session is in as many rooms as it may be');
  }
  const isAnnounced = !isResume || entering.isNews;
  return replyWith(entering, isAnnounced ? [outgoing] : []);
}

function replyWith(change: MembershipChange, publish: readonly Outgoing[]): ReplyWithFacts {
  return {
    publish,
    facts: change.facts,
    committed: () => change.commit(),
    cancelled: () => change.cancel(),
  };
}
