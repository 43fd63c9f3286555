// The topics that this node follows at the engine: those with a local subscriber, patterns
// included. A single-process engine answers at once; one that must tell other nodes answers later.

import type { Ends, Engine } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';

export class FollowedTopics {
  readonly #engine: Pick<Engine, 'ends' | 'follow' | 'unfollow'>;
  /** Topics that the engine has not answered for yet, or could not follow. */
  readonly #pending = new Map<string, Promise<Ends | null>>();

  constructor(engine: Pick<Engine, 'ends' | 'follow' | 'unfollow'>) {
    this.#engine = engine;
  }

  /** A topic gets its first subscriber. */
  first(topic: string): Maybe<Ends | null> {
    const ends = this.#engine.follow(topic);
    if (ends instanceof Promise) this.#wait(topic, ends);
    return ends;
  }

  /** A topic that has subscribers gets another one. @param needsEnds false: the answer is `null` */
  another(topic: string, needsEnds: boolean): Maybe<Ends | null> {
    const pending = this.#pending.get(topic);
    const ask = () => (needsEnds ? this.#engine.ends(topic) : null);
    return pending === undefined ? ask() : pending.then(ask);
  }

  /** A topic has lost its last subscriber. */
  last(topic: string): void {
    this.#pending.delete(topic);
    this.#engine.unfollow(topic);
  }

  #wait(topic: string, ends: Promise<Ends | null>): void {
    this.#pending.set(topic, ends);
    const settled = () => {
      if (this.#pending.get(topic) === ends) this.#pending.delete(topic);
    };
    // A failed follow stays pending, so that later subscribers of the topic get its rejection too.
    ends.then(settled, () => undefined);
  }
}
