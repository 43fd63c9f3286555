/** Formats days and times in the reader's language and time zone. */
export class Calendar {
  readonly #day;
  readonly #dayKey;
  readonly #time;

  /** @param timeZone the browser's own by default */
  constructor(language: string, timeZone?: string) {
    const zone = timeZone === undefined ? {} : { timeZone };
    this.#day = new Intl.DateTimeFormat(language, { dateStyle: 'full', ...zone });
    this.#dayKey = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...zone });
    this.#time = new Intl.DateTimeFormat(language, { timeStyle: 'short', ...zone });
  }

  /** The date in words, with the day of the week. */
  dayOf(atMs: number): string {
    return this.#day.format(atMs);
  }

  /** A key that is equal for all times of the same day. */
  dayKeyOf(atMs: number): string {
    return this.#dayKey.format(atMs);
  }

  timeOf(atMs: number): string {
    return this.#time.format(atMs);
  }
}
