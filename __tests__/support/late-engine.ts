import type { Engine, EngineHost } from '../../broker/engine/engine.ts';
import type { Maybe } from '../../broker/maybe.ts';
import { turns } from './turns.ts';

export interface LateEngine extends Engine {
  /** What was followed (+) and left (-), in order. */
  readonly follows: readonly string[];
}

/** What a late engine looks at, and when it says it. */
export type Lateness = 'asks first' | 'asks last';

/** Engines that answer at once, and engines that answer later. */
export const LATENESSES: readonly (Lateness | null)[] = [null, 'asks first', 'asks last'];

/**
 * An engine whose answers come some turns of the event loop later, as over a network. It asks the
 * engine below at once and holds the answer back, or holds the question back.
 */
export function lateEngine(engine: Engine, lateness: Lateness, delay = () => turns(3)): LateEngine {
  const follows: string[] = [];
  const late = async <T>(ask: () => Maybe<T>): Promise<T> => {
    const early = lateness === 'asks first' ? { answer: await ask() } : null;
    await delay();
    return early === null ? await ask() : early.answer;
  };
  return {
    get bytes() {
      return engine.bytes;
    },
    get epoch() {
      return engine.epoch;
    },
    get facts() {
      return engine.facts;
    },
    follows,
    get pending() {
      return engine.pending;
    },
    get pendingBytes() {
      return engine.pendingBytes;
    },
    get state() {
      return engine.state;
    },
    append: (entries, options) => engine.append(entries, options),
    ends: (destination) => late(() => engine.ends(destination)),
    follow: (destination) => {
      follows.push(`+${destination}`);
      return late(() => engine.follow(destination));
    },
    history: (query) => late(() => engine.history(query)),
    resolve: (destination, position) => late(() => engine.resolve(destination, position)),
    start: (deliver, host?: EngineHost) => engine.start(deliver, host),
    stop: () => engine.stop(),
    unfollow: (destination) => {
      follows.push(`-${destination}`);
      engine.unfollow(destination);
    },
  };
}
