/** The application says no to one user; the session lives. Made by `reject`. */
export class Rejection extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.name = 'Rejection';
    this.code = code;
  }
}

/**
 * Ends a handler with a no: whoever sent gets `code` and `text` on their errors queue.
 *
 * @param code stable, for programs: capitals and underscores
 * @param text for a developer to read; it must not tell internals
 */
export function reject(code: string, text: string): never {
  throw new Rejection(code, text);
}
