import type { Refusal } from '../../shared/refusal.ts';

/** One MESSAGE; `body` is its JSON, not yet checked. */
export interface Delivery {
  readonly body: unknown;
  /** `null`: the message is not kept. */
  readonly position: number | null;
}

/** Where a subscription begins, on a destination whose messages are kept. */
export type Start =
  | { readonly type: 'next' }
  /** The newest `count`, then what comes. */
  | { readonly type: 'last'; readonly count: number }
  /** From this position of that life of the store on. */
  | { readonly type: 'offset'; readonly epoch: string; readonly offset: number };

/** Where a subscription has begun. */
export interface Beginning {
  readonly epoch: string;
  /** The newest position at that moment; 0 before the first. */
  readonly head: number;
  /** False: something that was asked for is no longer kept. */
  readonly isRecovered: boolean;
}

export interface Subscriber {
  /**
   * The broker has taken the subscription: nothing from here on is missed, and the first message
   * comes later. `null`: what is published there is not kept.
   */
  onSubscribed?(beginning: Beginning | null): void;
  onMessage(delivery: Delivery): void;
}

/** What became of one SEND. */
export type Answer =
  | { readonly type: 'accepted'; readonly position: number | null }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/**
 * One open conversation with the broker. It never comes back: whatever was subscribed or is
 * unanswered when it ends is for the next link to repeat. After the end, calls do nothing.
 */
export interface Link {
  /** Gives it up, whatever it still does; `onEnded` runs before this returns. */
  cut(): void;
  /** `onAnswered` runs at most once, and never after the end. */
  send(destination: string, body: object, onAnswered: (answer: Answer) => void): void;
  /** Returns what ends the subscription; without a start it hears what comes next. */
  subscribe(destination: string, subscriber: Subscriber, start?: Start): () => void;
}

export type LinkEnd =
  /** The pipe broke, was never there, or was closed. */
  | { readonly type: 'closed' }
  /** The broker sent an ERROR. */
  | { readonly type: 'refused'; readonly refusal: Refusal };

export interface LinkEvents {
  /** At most once, before `onEnded`. */
  onOpened(link: Link): void;
  /** Exactly once. */
  onEnded(end: LinkEnd): void;
}

/** Starts one attempt; its first event comes later, never during the call. */
export type OpenLink = (events: LinkEvents) => void;
