/** Where log lines go: the fields first, then what happened, as pino takes them. */
export interface Log {
  debug(fields: object, text: string): void;
  error(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** What a library user gets who passes no log. */
export const silentLog: Log = {
  debug: () => undefined,
  error: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};
