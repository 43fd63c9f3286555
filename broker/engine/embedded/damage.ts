import type { Log } from '../../log.ts';

/** The number of damaged records that are logged one by one; one line stands for all others. */
const LOGGED_MAX = 100;

/** Logs damaged records, each once. */
export class Damage {
  readonly #log: Log;
  readonly #logged = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param fields identify the record */
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
