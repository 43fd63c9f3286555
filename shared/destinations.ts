/** The prefixes that tell the kinds of destinations apart. Each starts with `/`. */
export interface Prefixes {
  readonly app: string;
  readonly queue: string;
  readonly topic: string;
  readonly user: string;
}

export const DEFAULT_PREFIXES: Prefixes = {
  app: '/app',
  queue: '/queue',
  topic: '/topic',
  user: '/user',
};

/** Path of the SockJS service and, below it, of the plain WebSocket. */
export const DEFAULT_ENDPOINT = '/websc';

/** Patterns of the chat's handlers, relative to the application or topic prefix. */
export const CHAT_PATTERNS = {
  lobby: '/chat/rooms',
  message: '/chat/message',
  presence: '/chat/room/{roomId}/presence',
  private: '/chat/',
  room: '/chat/room/{roomId}',
} as const;

export interface ChatDestinations {
  /** SUBSCRIBE: the list of rooms, then its changes. */
  readonly lobby: string;
  /** SUBSCRIBE: refusals of this session's frames. */
  readonly refusals: string;
  /** SEND: all chat messages. */
  readonly send: string;
  presenceOf(roomId: string): string;
  roomOf(roomId: string): string;
}

/** The chat's destinations, complete with their prefixes. */
export function chatDestinations(prefixes: Prefixes): ChatDestinations {
  const { app, topic, user } = prefixes;
  const [beforeRoom = '', afterRoom = ''] = (topic + CHAT_PATTERNS.room).split('{roomId}');
  return {
    lobby: topic + CHAT_PATTERNS.lobby,
    refusals: `${user}/queue/errors`,
    send: app + CHAT_PATTERNS.message,
    presenceOf: (roomId) => topic + CHAT_PATTERNS.presence.replace('{roomId}', () => roomId),
    roomOf: (roomId) => beforeRoom + roomId + afterRoom,
  };
}
