import type { Refusal } from '../../shared/refusal.ts';

/** One MESSAGE; `body` is its JSON, not yet checked. */
export interface Delivery {
  readonly body: unknown;
  /** `null`: the message is not kept. */
  readonly position: number | null;
}

export interface Subscriber {
  /** The broker has taken the subscription: nothing from here on is missed. */
  onLive?(): void;
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
  /** The life of the broker's store; in another life positions start anew. */
  readonly epoch: string | null;
  /** `onAnswer` runs at most once, and never after the end. */
  send(destination: string, body: object, onAnswer: (answer: Answer) => void): void;
  /** Returns what ends the subscription. */
  subscribe(destination: string, subscriber: Subscriber): () => void;
}

export type LinkEnd =
  /** The pipe broke, was never there, or was closed. */
  | { readonly type: 'closed' }
  /** The broker sent an ERROR. */
  | { readonly type: 'refused'; readonly text: string };

export interface LinkEvents {
  /** At most once, before `onEnd`. */
  onOpen(link: Link): void;
  /** Exactly once. */
  onEnd(end: LinkEnd): void;
}

/** Starts one attempt; its first event comes later, never during the call. */
export type OpenLink = (events: LinkEvents) => void;
