/** Days and times as the reader's place and language have them. */
export class Calendar {
  readonly #day;
  readonly #dayKey;
  readonly #time;

  /** Without a time zone, the browser's own. */
  constructor(language: string, timeZone?: string) {
    const zone = timeZone === undefined ? {} : { timeZone };
    this.#day = new Intl.DateTimeFormat(language, { dateStyle: 'full', ...zone });
    this.#dayKey = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...zone });
    this.#time = new Intl.DateTimeFormat(language, { timeStyle: 'short', ...zone });
  }

  /** The day in words. */
  dayOf(atMs: number): string {
    return this.#day.format(atMs);
  }

  /** Equal for two moments of the same day. */
  dayKeyOf(atMs: number): string {
    return this.#dayKey.format(atMs);
  }

  timeOf(atMs: number): string {
    return this.#time.format(atMs);
  }
}
