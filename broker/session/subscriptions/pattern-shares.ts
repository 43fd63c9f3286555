import { addressKey } from '../../limits/address.ts';
import { PatternTree } from '../../routing/pattern-tree.ts';
import type { SubscriptionIndex } from '../../routing/subscription-index.ts';
import { ProtocolError } from '../../stomp/errors.ts';

export interface PatternLimits {
  /** Nodes of the pattern tree that may be visited to match one destination. */
  readonly patternMatchNodesMax: number;
  /** Different patterns over all sessions. */
  readonly patternsMax: number;
  /** Subscriptions to patterns from one address. */
  readonly patternsPerAddressMax: number;
  /** Subscriptions to patterns of one session. */
  readonly patternsPerSessionMax: number;
}

/** The fraction of `patternMatchNodesMax` that the patterns of one address may take. */
const ADDRESS_SHARE = 0.25;

/** The patterns of one address, each with its number of subscriptions. */
interface Share {
  readonly patterns: PatternTree<number>;
  subscriptions: number;
}

/** Counts the patterns of each address, so that no address can use up what all share. */
export class PatternShares {
  readonly #index: SubscriptionIndex;
  readonly #limits: PatternLimits;
  readonly #shares = new Map<string, Share>();

  constructor(index: SubscriptionIndex, limits: PatternLimits) {
    this.#index = index;
    this.#limits = limits;
  }

  /** The number of addresses with patterns. */
  get size(): number {
    return this.#shares.size;
  }

  /**
   * Counts one more subscription of a session that has `ofSession` already.
   *
   * @throws ProtocolError if the session, its address or all sessions together would have too many,
   *   or if matching would visit too many nodes
   */
  open(address: string, ofSession: number, pattern: string): void {
    const { patternsPerAddressMax, patternsPerSessionMax } = this.#limits;
    const key = addressKey(address);
    const share = this.#shares.get(key) ?? { patterns: new PatternTree(), subscriptions: 0 };
    if (ofSession >= patternsPerSessionMax) throw tooMany('of this session');
    if (share.subscriptions >= patternsPerAddressMax) throw tooMany('from this address');
    const subscriptions = share.patterns.get(pattern) ?? 0;
    if (subscriptions === 0) this.#checkCost(share, pattern);
    share.patterns.set(pattern, subscriptions + 1);
    share.subscriptions += 1;
    this.#shares.set(key, share);
  }

  /** Uncounts one subscription. */
  close(address: string, pattern: string): void {
    const key = addressKey(address);
    const share = this.#shares.get(key);
    const subscriptions = share?.patterns.get(pattern) ?? 0;
    if (share === undefined || subscriptions === 0) return;
    share.subscriptions -= 1;
    if (subscriptions === 1) share.patterns.delete(pattern);
    else share.patterns.set(pattern, subscriptions - 1);
    if (share.subscriptions === 0) this.#shares.delete(key);
  }

  #checkCost({ patterns }: Share, pattern: string): void {
    const { patternMatchNodesMax, patternsMax } = this.#limits;
    if (patterns.costWith(pattern) > patternMatchNodesMax * ADDRESS_SHARE) {
      throw tooMany('that fit the same names, from this address');
    }
    if (this.#index.has(pattern)) return;
    if (this.#index.patternCount >= patternsMax) throw tooMany('over all sessions');
    if (this.#index.costWithPattern(pattern) > patternMatchNodesMax) {
      throw tooMany('that fit the same names');
    }
  }
}

function tooMany(which: string): ProtocolError {
  return new ProtocolError('TOO_MANY_PATTERNS', which);
}
