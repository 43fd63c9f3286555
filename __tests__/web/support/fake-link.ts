import type {
  Answer,
  Beginning,
  Link,
  LinkEvents,
  Start,
  Subscriber,
} from '../../../web/connection/link.ts';

export interface Sent {
  readonly destination: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: (answer: Answer) => void;
}

/** A link that records calls; the test plays the broker. */
export class FakeLink implements Link {
  isCut = false;
  readonly sent: Sent[] = [];
  /** The requested start of each subscription, in order. */
  readonly starts: { readonly destination: string; readonly start: Start }[] = [];
  readonly subscribers = new Map<string, Subscriber>();

  cut(): void {
    this.isCut = true;
  }

  send(destination: string, body: object, answer: (answer: Answer) => void): void {
    this.sent.push({ destination, body: { ...body }, answer });
  }

  subscribe(
    destination: string,
    subscriber: Subscriber,
    start: Start = { type: 'next' },
  ): () => void {
    this.subscribers.set(destination, subscriber);
    this.starts.push({ destination, start });
    return () => {
      if (this.subscribers.get(destination) === subscriber) this.subscribers.delete(destination);
    };
  }

  confirm(destination: string, beginning: Beginning | null = null): void {
    this.subscribers.get(destination)?.onSubscribed?.(beginning);
  }

  deliver(destination: string, body: unknown, position: number | null = null): void {
    this.subscribers.get(destination)?.onMessage({ body, position });
  }

  texts(): unknown[] {
    return this.sent.filter(({ body }) => body.type === 'TALK').map(({ body }) => body.message);
  }
}

/** Records the attempts of a `Connection`, in order; the test opens or ends the latest. */
export class FakeAttempts {
  readonly attempts: LinkEvents[] = [];
  readonly open = (events: LinkEvents): void => {
    this.attempts.push(events);
  };

  get count(): number {
    return this.attempts.length;
  }

  opens(link: Link): void {
    this.attempts.at(-1)?.onOpened(link);
  }

  ends(): void {
    this.attempts.at(-1)?.onEnded({ type: 'closed' });
  }
}

export const accepted = (position: number | null = null): Answer => ({
  type: 'accepted',
  position,
});
export const refused = (code: string): Answer => ({
  type: 'refused',
  refusal: { code, text: 'no' },
});
