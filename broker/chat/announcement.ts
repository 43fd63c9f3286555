import { createHash, randomUUID } from 'node:crypto';
import {
  type ChatMessage,
  messageIdOf,
  type PublishedChatMessage,
} from '../../shared/chat-message.ts';
import { personKey } from '../../shared/names.ts';
import { roomIdText } from '../../shared/room-id.ts';

/** A message as a room gets it, and what its repeat would be known by. */
export interface Announcement {
  readonly published: PublishedChatMessage;
  /** `undefined`: the sender gave it no id. */
  readonly deduplication: { readonly id: string; readonly digest: string } | undefined;
}

/**
 * What the room hears: of coming and going in the broker's words, of the rest as it was sent. The
 * message is given away, and becomes what is published: a copy with more fields has a shape of its
 * own in V8, which takes longer to make than all the rest of it.
 */
export function announce(message: ChatMessage, now: number): Announcement {
  const id = messageIdOf(message);
  const deduplication = id === null ? undefined : { id, digest: digestOf(message) };
  const published = Object.assign(message, {
    message: textOf(message),
    id: id ?? randomUUID(),
    at: timeText(now),
  });
  return { published, deduplication };
}

let textMadeFor = Number.NaN;
let text = '';

/** ISO 8601. Messages of one batch mostly share a millisecond, so the last text is kept. */
function timeText(now: number): string {
  if (now !== textMadeFor) {
    text = new Date(now).toISOString();
    textMadeFor = now;
  }
  return text;
}

function textOf({ type, sender, message }: ChatMessage): string {
  switch (type) {
    case 'ENTER':
      return `${sender}님이 입장했습니다.`;
    case 'LEAVE':
      return `${sender}님이 퇴장했습니다.`;
    case 'TALK':
      return typeof message === 'string' ? message : '';
    case 'TYPING':
      return '';
  }
}

/** The same id from someone else, or with other words, is no repeat. */
function digestOf(message: ChatMessage): string {
  const { type, roomId, sender } = message;
  const said = [type, roomIdText(roomId), personKey(sender), textOf(message)];
  return createHash('sha256').update(JSON.stringify(said)).digest('base64');
}
