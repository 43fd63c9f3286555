import type { Log } from '../../log.ts';

/** Damaged records that are logged one by one; of more, only that there are more. */
const LOGGED_MAX = 100;

/** Tells the log of damaged records, of each once. */
export class Damage {
  readonly #log: Log;
  readonly #logged = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param fields which record it is */
  found(fields: Readonly<Record<string, string | number>>): void {
    const key = JSON.stringify(fields);
    if (this.#logged.has(key) || this.#logged.size > LOGGED_MAX) return;
    this.#logged.add(key);
    if (this.#logged.size <= LOGGED_MAX) {
      this.#log.error(fields, 'a record of the store is damaged: it is treated as gone');
    } else {
      this.#log.error({}, 'more records of the store are damaged: they are no longer logged');
    }
  }
}
