/** The destination of log lines. As in pino, the fields come before the text. */
export interface Log {
  debug(fields: object, text: string): void;
  error(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** The default log of the library, which drops every line. */
export const silentLog: Log = {
  debug: () => undefined,
  error: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};
