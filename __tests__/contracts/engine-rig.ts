import { afterEach, beforeEach } from '@jest/globals';
import type {
  AppendOutcome,
  Engine,
  Entry,
  HistoryPage,
  HistoryQuery,
  Publication,
} from '../../broker/engine/engine.ts';

export type CreateEngine = () => Engine | Promise<Engine>;

/** The destinations that an engine under test keeps, each with at least its newest 1,000 messages. */
export function isKept(destination: string): boolean {
  return destination.startsWith('/kept/');
}

/** Bytes that an engine under test keeps of one destination. */
export const KEPT_BYTES = 256 * 1_024;

const TOO_LARGE = { headers: [], body: Buffer.alloc(KEPT_BYTES + 1) };

/** A message at `/kept/a` by default. */
export function entry(text: string, more: Partial<Entry> = {}): Entry {
  const message = { headers: [['x', text]] as const, body: Buffer.from(text) };
  return { destination: '/kept/a', message, ...more };
}

export function bodyOf({ message }: Publication): string {
  return message.body.toString();
}

/** An engine with an empty store for each test of a suite, and the batches that it delivered. */
export class EngineRig {
  /** One more, not started. */
  readonly create: CreateEngine;
  batches: (readonly Publication[])[] = [];
  /** The calls of `EngineHost.settled`. */
  settledCount = 0;
  #engine: Engine | null = null;

  constructor(create: CreateEngine) {
    this.create = create;
    beforeEach(async () => {
      this.batches = [];
      this.settledCount = 0;
      this.#engine = await create();
      const settled = () => {
        this.settledCount += 1;
      };
      await this.#engine.start((batch) => void this.batches.push(batch), {
        hasRoom: () => true,
        settled,
      });
    });
    afterEach(() => this.#engine?.stop());
  }

  get engine(): Engine {
    if (this.#engine === null) throw new Error('the engine is there only while a test runs');
    return this.#engine;
  }

  say(text: string, more?: Partial<Entry>): Promise<AppendOutcome> {
    return this.engine.append([entry(text, more)]);
  }

  /** A message that is too large to be kept, and leaves its stream without any. */
  large(more: Partial<Entry>): Promise<AppendOutcome> {
    return this.engine.append([{ ...entry(''), ...more, message: TOO_LARGE }]);
  }

  /** One list. */
  sayAll(...texts: readonly string[]): Promise<AppendOutcome> {
    return this.engine.append(texts.map((text) => entry(text)));
  }

  read(query: Partial<HistoryQuery> = {}): Promise<HistoryPage> {
    const all = {
      destination: '/kept/a',
      from: 'oldest',
      direction: 'forward',
      limit: 100,
    } as const;
    return this.engine.history({ ...all, ...query });
  }

  async textsOf(query?: Partial<HistoryQuery>): Promise<string[]> {
    return (await this.read(query)).publications.map(bodyOf);
  }

  /** All that was appended is committed and delivered once the engine has stopped. */
  async delivered(): Promise<Publication[]> {
    await this.engine.stop();
    return this.batches.flat();
  }
}
