import { createHash, randomUUID } from 'node:crypto';
import {
  type ChatMessage,
  messageIdOf,
  type PublishedChatMessage,
} from '../../shared/chat-message.ts';
import { personKey } from '../../shared/names.ts';
import { roomIdText } from '../../shared/room-id.ts';

/** A message as it is published in a room, and the key that its duplicates have. */
export interface Announcement {
  readonly published: PublishedChatMessage;
  /** `undefined`: the sender gave it no id. */
  readonly deduplication: { readonly id: string; readonly digest: string } | undefined;
}

/**
 * Makes the published message: ENTER and LEAVE get a text of the broker's, TALK keeps its own. The
 * message that is passed in is changed and returned, because a copy with more fields would have a
 * shape of its own in V8, which costs more than everything else here.
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

/** ISO 8601. Messages of one batch mostly share a millisecond, so the last text is reused. */
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

/** Stands for the sender and the text: the same id with another digest is not a duplicate. */
function digestOf(message: ChatMessage): string {
  const { type, roomId, sender } = message;
  const said = [type, roomIdText(roomId), personKey(sender), textOf(message)];
  return createHash('sha256').update(JSON.stringify(said)).digest('base64');
}
