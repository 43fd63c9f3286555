import { hasCodePoints, isName } from './names.ts';
import { isRoomId, type RoomId } from './room-id.ts';

export const MESSAGE_CODE_POINTS_MAX = 4_000;
/** Maximum nesting depth of lists and objects in fields that the chat does not know. */
export const NESTING_MAX = 100;
export const CHAT_MESSAGE_TYPES = ['ENTER', 'TALK', 'LEAVE', 'TYPING'] as const;
export type ChatMessageType = (typeof CHAT_MESSAGE_TYPES)[number];

/** A chat message as clients SEND it. Unknown fields are kept and published unchanged. */
export interface ChatMessage {
  readonly type: ChatMessageType;
  readonly roomId: RoomId;
  readonly sender: string;
  /** 1 to 4,000 code points in a TALK; ignored in every other type. */
  readonly message?: unknown;
  /** Id chosen by the sender; ignored unless it is 1 to 64 of `A-Za-z0-9_-`. */
  readonly id?: unknown;
  /** ENTER only: `true` announces nothing while the broker still counts the person in the room. */
  readonly resume?: unknown;
}

/** A chat message as subscribers of a room receive it. */
export interface PublishedChatMessage extends ChatMessage {
  readonly message: string;
  readonly id: string;
  /** Time at which the broker accepted it, in ISO 8601. */
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

const MESSAGE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Validates a value that `JSON.parse` returned. If several fields are invalid, the code names the
 * first of `type`, `roomId`, `sender` and `message`. A valid message is the value itself, not a
 * copy. There is no schema, because this runs for every SEND to the chat: validating with one
 * took about as long as everything else that the chat does with a message.
 */
export function parseChatMessage(value: unknown): ParsedChatMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { type: 'refused', code: 'NOT_AN_OBJECT' };
  }
  const code = problemOf(value);
  if (code !== null) return { type: 'refused', code };
  if (!isNestedWithin(value, NESTING_MAX)) return { type: 'refused', code: 'BAD_JSON' };
  return { type: 'valid', message: value as ChatMessage };
}

/** The sender's message id, or `null` if it is not 1 to 64 of `A-Za-z0-9_-`. */
export function messageIdOf(message: ChatMessage): string | null {
  const { id } = message;
  return typeof id === 'string' && MESSAGE_ID.test(id) ? id : null;
}

/**
 * Bounds the depth, because `JSON.stringify` compares each value with all of its ancestors, so its
 * time grows with the square of the depth.
 */
function isNestedWithin(value: object, depth: number): boolean {
  if (depth === 0) return false;
  for (const field of Object.values(value)) {
    if (typeof field === 'object' && field !== null && !isNestedWithin(field, depth - 1))
      return false;
  }
  return true;
}

function problemOf({
  type,
  roomId,
  sender,
  message,
}: {
  readonly [Field in keyof ChatMessage]?: unknown;
}): ChatMessageProblem | null {
  if (!CHAT_MESSAGE_TYPES.some((known) => known === type)) return 'BAD_TYPE';
  if (!isRoomId(roomId)) return 'BAD_ROOM_ID';
  if (!isName(sender)) return 'BAD_SENDER';
  return type !== 'TALK' || isMessageText(message) ? null : 'BAD_MESSAGE';
}

function isMessageText(message: unknown): boolean {
  return typeof message === 'string' && hasCodePoints(message, 1, MESSAGE_CODE_POINTS_MAX);
}
