/**
 * The reasons for which sessions end, with their WebSocket close codes. 1006 is never sent, because
 * the connection is already gone. Codes from 4000 on are the broker's own: below 4500 a client may
 * reconnect.
 */
export const CLOSE_REASONS = {
  CLIENT_LEFT: { code: 1000 },
  CONNECT_TIMEOUT: { code: 4002 },
  DRAINING: { code: 1012 },
  HEART_BEAT_LOST: { code: 4001 },
  HISTORY_LOST: { code: 4003 },
  INTERNAL: { code: 1011 },
  MEMORY_SHED: { code: 4004 },
  PROTOCOL_ERROR: { code: 1002 },
  REFUSED: { code: 1008 },
  SEND_TIMEOUT: { code: 4005 },
  SLOW_CONSUMER: { code: 4000 },
  TOO_MANY_REFUSALS: { code: 1008 },
  TRANSPORT_LOST: { code: 1006 },
} as const;

export type CloseReasonName = keyof typeof CLOSE_REASONS;
