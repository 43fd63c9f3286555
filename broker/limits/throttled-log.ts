import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';

const EVERY_MS = 60_000;

interface Repeats {
  count: number;
  fields: object;
  text: string;
}

type Level = 'error' | 'info' | 'warn';

/**
 * Throttles warnings that a client can cause at will: one line a minute for each kind. The first
 * is logged at once. Those of the following minute are counted, and the last of them is logged
 * with the count when the minute is over. Kinds are constants of the code, so their number is
 * bounded.
 */
export class ThrottledLog<Kind extends string> {
  readonly #cancels = new Map<Kind, Cancel>();
  readonly #clock: Pick<Clock, 'after'>;
  readonly #level: Level;
  readonly #log: Pick<Log, Level>;
  readonly #repeats = new Map<Kind, Repeats>();

  constructor(log: Pick<Log, Level>, clock: Pick<Clock, 'after'>, level: Level = 'warn') {
    this.#log = log;
    this.#clock = clock;
    this.#level = level;
  }

  warn(kind: Kind, fields: object, text: string): void {
    const repeats = this.#repeats.get(kind);
    if (repeats !== undefined) {
      repeats.count += 1;
      repeats.fields = fields;
      repeats.text = text;
    } else if (this.#cancels.has(kind)) {
      this.#repeats.set(kind, { count: 1, fields, text });
    } else {
      this.#log[this.#level](fields, text);
      this.#beginMinute(kind);
    }
  }

  /** Logs what was counted, and starts anew. */
  flush(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    for (const kind of [...this.#repeats.keys()]) this.#logRepeats(kind);
  }

  #beginMinute(kind: Kind): void {
    const over = () => {
      this.#cancels.delete(kind);
      if (this.#logRepeats(kind)) this.#beginMinute(kind);
    };
    this.#cancels.set(kind, this.#clock.after(EVERY_MS, over));
  }

  /** False: nothing was counted. */
  #logRepeats(kind: Kind): boolean {
    const repeats = this.#repeats.get(kind);
    if (repeats === undefined) return false;
    this.#repeats.delete(kind);
    this.#log[this.#level]({ ...repeats.fields, count: repeats.count }, repeats.text);
    return true;
  }
}

/**
 * The log for everything that sessions cause. A client can break the protocol or be refused at
 * will, so lines with the same text are throttled as one kind.
 */
export class SessionsLog implements Log {
  readonly #errors: ThrottledLog<string>;
  readonly #infos: ThrottledLog<string>;
  readonly #log: Log;
  readonly #warnings: ThrottledLog<string>;

  constructor(log: Log, clock: Pick<Clock, 'after'>) {
    this.#errors = new ThrottledLog(log, clock, 'error');
    this.#infos = new ThrottledLog(log, clock, 'info');
    this.#log = log;
    this.#warnings = new ThrottledLog(log, clock);
  }

  debug(fields: object, text: string): void {
    this.#log.debug(fields, text);
  }

  error(fields: object, text: string): void {
    this.#errors.warn(text, fields, text);
  }

  info(fields: object, text: string): void {
    this.#infos.warn(text, fields, text);
  }

  warn(fields: object, text: string): void {
    this.#warnings.warn(text, fields, text);
  }

  /** Logs what was counted, and starts anew. */
  flush(): void {
    for (const one of [this.#errors, this.#infos, this.#warnings]) one.flush();
  }
}
