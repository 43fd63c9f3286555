import type { Refusal } from '../../shared/refusal.ts';

/** One MESSAGE; `body` is its JSON, not yet checked. */
export interface Delivery {
  readonly body: unknown;
  /** `null` if the message is not kept. */
  readonly position: number | null;
}

/** Start of a subscription to a destination whose messages are kept. */
export type Start =
  | { readonly type: 'next' }
  /** The newest `count` messages, then live ones. */
  | { readonly type: 'last'; readonly count: number }
  /** Messages from this position of this epoch on. */
  | { readonly type: 'offset'; readonly epoch: string; readonly offset: number };

/** The start that the broker gave to a subscription. */
export interface Beginning {
  readonly epoch: string;
  /** The newest position at that time; 0 before the first message. */
  readonly head: number;
  /** False if some of the requested messages are no longer kept. */
  readonly isRecovered: boolean;
}

export interface Subscriber {
  /**
   * The broker has confirmed the subscription: no later message is missed, and none is delivered
   * before this call. `null` if the destination keeps no messages.
   */
  onSubscribed?(beginning: Beginning | null): void;
  onMessage(delivery: Delivery): void;
}

/** The outcome of one SEND. */
export type Answer =
  | { readonly type: 'accepted'; readonly position: number | null }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/**
 * One open STOMP session. It never reconnects: after its end, subscriptions and unanswered messages
 * have to be repeated on the next link, and calls do nothing.
 */
export interface Link {
  /** Ends the link at once; `onEnded` runs before this returns. */
  cut(): void;
  /** `onAnswered` runs at most once, and never after the link has ended. */
  send(destination: string, body: object, onAnswered: (answer: Answer) => void): void;
  /** Returns the function that unsubscribes. Without a `start`, only live messages come. */
  subscribe(destination: string, subscriber: Subscriber, start?: Start): () => void;
}

export type LinkEnd =
  /** The connection was lost, could not be opened, or was closed. */
  | { readonly type: 'closed' }
  /** The broker sent an ERROR. */
  | { readonly type: 'refused'; readonly refusal: Refusal };

export interface LinkEvents {
  /** At most once, before `onEnded`. */
  onOpened(link: Link): void;
  /** Exactly once. */
  onEnded(end: LinkEnd): void;
}

/** Starts one attempt. Its events never come during the call. */
export type OpenLink = (events: LinkEvents) => void;
