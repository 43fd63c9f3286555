/** Thrown by `reject`: the application refuses one frame, and the session goes on. */
export class Rejection extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.name = 'Rejection';
    this.code = code;
  }
}

/**
 * Ends a handler or guard by refusing the frame: its sender gets `code` and `text` on
 * `/user/queue/errors`.
 *
 * @param code stable, for programs: capitals and underscores
 * @param text for developers; it must not reveal internals
 */
export function reject(code: string, text: string): never {
  throw new Rejection(code, text);
}
