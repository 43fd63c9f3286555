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

/** Path of the SockJS service. A WebSocket without SockJS opens there too, or at `/websocket` below. */
export const DEFAULT_ENDPOINT = '/websc';

/** Paths of the chat, with the names of their parameters in braces. */
export const CHAT_PATTERNS = {
  /** Below the topic and the application prefix. */
  lobby: '/chat/rooms',
  /** Below the application prefix. */
  message: '/chat/message',
  /** Below the topic prefix. */
  presence: '/chat/room/{roomId}/presence',
  /** Topics below it are the application's own; clients do not send there. */
  private: '/chat/',
  /** Below the topic prefix. */
  room: '/chat/room/{roomId}',
} as const;

export interface ChatDestinations {
  /** SUBSCRIBE: the list of rooms, then its changes. */
  readonly lobby: string;
  /** SUBSCRIBE: refusals of this session's frames. */
  readonly refusals: string;
  /** SEND: all chat messages. */
  readonly send: string;
  /** SUBSCRIBE: the people in a room, then changes. @param roomId a valid room id */
  presenceOf(roomId: string): string;
  /** SUBSCRIBE: the messages of a room. @param roomId a valid room id */
  roomOf(roomId: string): string;
}

/** The chat's destinations, complete with their prefixes. */
export function chatDestinations(prefixes: Prefixes): ChatDestinations {
  const { app, topic, user } = prefixes;
  const [beforeRoom = '', afterRoom = ''] = (topic + CHAT_PATTERNS.room).split('{roomId}');
  return {
    lobby: topic + CHAT_PATTERNS.lobby,
    // `/queue` is part of the path of user destinations, whatever the prefix of queues is.
    refusals: `${user}/queue/errors`,
    send: app + CHAT_PATTERNS.message,
    presenceOf: (roomId) => topic + CHAT_PATTERNS.presence.replace('{roomId}', () => roomId),
    roomOf: (roomId) => beforeRoom + roomId + afterRoom,
  };
}
