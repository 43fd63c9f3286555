import * as v from 'valibot';
import { hasCodePoints, NameSchema } from './names.ts';
import { type RoomId, RoomIdSchema } from './room-id.ts';

export const MESSAGE_CODE_POINTS_MAX = 4_000;
/** Lists and objects within each other in a field that the chat does not know. */
export const NESTING_MAX = 100;
export const CHAT_MESSAGE_TYPES = ['ENTER', 'TALK', 'LEAVE', 'TYPING'] as const;
export type ChatMessageType = (typeof CHAT_MESSAGE_TYPES)[number];

/** What a client SENDs. Fields that are not named here are kept and published as they came. */
export interface ChatMessage {
  readonly type: ChatMessageType;
  readonly roomId: RoomId;
  readonly sender: string;
  /** 1 to 4,000 code points in a TALK; ignored in every other type. */
  readonly message?: unknown;
  /** The sender's own name for this message; counts only where it is a valid `MessageId`. */
  readonly id?: unknown;
  /** ENTER only: `true` announces nothing while the broker still counts the person in the room. */
  readonly resume?: unknown;
}

/** What subscribers of a room receive. */
export interface PublishedChatMessage extends ChatMessage {
  readonly message: string;
  readonly id: string;
  /** When the broker took it, ISO 8601. */
  readonly at: string;
}

export const CHAT_MESSAGE_PROBLEMS = {
  BAD_JSON: `lists and objects may be nested at most ${NESTING_MAX} deep`,
  BAD_MESSAGE: 'message must be a text of 1 to 4,000 characters',
  BAD_ROOM_ID: 'roomId must be 1 to 64 of A-Z a-z 0-9 _ -, or a non-negative integer',
  BAD_SENDER:
    'sender must be a name of 1 to 50 characters, one of them visible, without control characters',
  BAD_TYPE: `type must be one of ${CHAT_MESSAGE_TYPES.join(', ')}`,
  NOT_AN_OBJECT: 'the body must be a JSON object',
} as const;
export type ChatMessageProblem = keyof typeof CHAT_MESSAGE_PROBLEMS;

export type ParsedChatMessage =
  | { readonly type: 'valid'; readonly message: ChatMessage }
  | { readonly type: 'refused'; readonly code: ChatMessageProblem };

const who = { roomId: RoomIdSchema, sender: NameSchema };
const said = v.pipe(
  v.string(),
  v.check((text) => hasCodePoints(text, 1, MESSAGE_CODE_POINTS_MAX)),
);
const anything = v.optional(v.unknown());

// Not `looseObject`: it copies each field that nobody named, and what it makes is not used.
const ChatMessageSchema = v.variant('type', [
  v.object({ type: v.literal('TALK'), ...who, message: said }),
  v.object({ type: v.picklist(['ENTER', 'LEAVE', 'TYPING']), ...who, message: anything }),
]);
const IdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));

/** Checks what came out of `JSON.parse`; the first thing wrong is the one that is named. */
export function parseChatMessage(value: unknown): ParsedChatMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { type: 'refused', code: 'NOT_AN_OBJECT' };
  }
  const { issues } = v.safeParse(ChatMessageSchema, value, { abortEarly: true });
  if (issues !== undefined) return { type: 'refused', code: problemOf(issues[0]) };
  if (!isNestedWithin(value, NESTING_MAX)) return { type: 'refused', code: 'BAD_JSON' };
  // The object itself: what the schema gives back lacks fields with names such as `constructor`.
  return { type: 'valid', message: value as ChatMessage };
}

/** The sender's id, if it may count as one: 1 to 64 of `A-Za-z0-9_-`. */
export function messageIdOf(message: ChatMessage): string | null {
  // Most have none: the schema would make an issue of each of them.
  return message.id !== undefined && v.is(IdSchema, message.id) ? message.id : null;
}

/** `JSON.stringify` looks at all that a value is nested in, so its time grows with the square. */
function isNestedWithin(value: object, depth: number): boolean {
  if (depth === 0) return false;
  for (const field of Object.values(value)) {
    if (typeof field === 'object' && field !== null && !isNestedWithin(field, depth - 1))
      return false;
  }
  return true;
}

function problemOf(issue: v.BaseIssue<unknown>): ChatMessageProblem {
  const key = issue.path?.[0]?.key;
  if (key === 'roomId') return 'BAD_ROOM_ID';
  if (key === 'sender') return 'BAD_SENDER';
  return key === 'message' ? 'BAD_MESSAGE' : 'BAD_TYPE';
}
