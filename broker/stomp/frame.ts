// biome-ignore format: one line a group
export const CLIENT_COMMANDS = [
  'CONNECT', 'STOMP', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK',
  'BEGIN', 'COMMIT', 'ABORT', 'DISCONNECT',
] as const;
export const SERVER_COMMANDS = ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'] as const;

export type ClientCommand = (typeof CLIENT_COMMANDS)[number];
export type ServerCommand = (typeof SERVER_COMMANDS)[number];
export type Header = readonly [name: string, value: string];

/** One STOMP frame. Headers keep their order on the wire, repeats included, and are unescaped. */
export interface Frame<C extends string = ClientCommand | ServerCommand> {
  readonly command: C;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export type ClientFrame = Frame<ClientCommand>;
export type ServerFrame = Frame<ServerCommand>;

export const NO_BODY = Buffer.alloc(0);

/**
 * The value of a header; of a repeated header, the first counts (STOMP 1.2, "Repeated Header
 * Entries").
 */
export function headerOf(frame: Pick<Frame, 'headers'>, name: string): string | undefined {
  for (const [key, value] of frame.headers) if (key === name) return value;
  return undefined;
}

export function serverFrame(
  command: ServerCommand,
  headers: readonly Header[],
  body: Buffer = NO_BODY,
): ServerFrame {
  return { command, headers, body };
}
