/** The prefixes that sort destinations by what happens to a message; each starts with `/`. */
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

/** Where the SockJS service and, below it, the plain WebSocket live. */
export const DEFAULT_ENDPOINT = '/websc';

/** What handlers are registered under; the application or topic prefix comes before it. */
export const CHAT_PATTERNS = {
  lobby: '/chat/rooms',
  message: '/chat/message',
  presence: '/chat/room/{roomId}/presence',
  private: '/chat/',
  room: '/chat/room/{roomId}',
} as const;

export interface ChatDestinations {
  /** SUBSCRIBE: the rooms as they are, then what changes. */
  readonly lobby: string;
  /** SUBSCRIBE: what this session was refused. */
  readonly refusals: string;
  /** SEND: everything that is said. */
  readonly send: string;
  presenceOf(roomId: string): string;
  roomOf(roomId: string): string;
}

/** The chat's destinations as clients write them. */
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
