// SUBSCRIBE to topics. A subscription is in the index before the engine answers where it starts, so
// that it misses nothing that is published in between. If the answer comes at once, as from an
// engine in this process, the subscription can share bytes with others from the beginning.

import { RECOVERED, STREAM_EPOCH, STREAM_OFFSET } from '../../../shared/header-names.ts';
import type { Ends } from '../../engine/engine.ts';
import type { Maybe } from '../../maybe.ts';
import { isPattern } from '../../routing/pattern.ts';
import type { SubscribePlan } from '../../routing/plans.ts';
import type { SubscriptionIndex } from '../../routing/subscription-index.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import type { Header } from '../../stomp/frame.ts';
import type { Conversation } from '../conversation.ts';
import { AutoSubscription } from '../subscriptions/auto-subscription.ts';
import type { SubscriptionTerms } from '../subscriptions/own-subscription.ts';
import { PacedSubscription } from '../subscriptions/paced-subscription.ts';
import type { Asked } from './asked.ts';
import { enlist, release } from './enlist.ts';
import { type ResolvedStart, resolveStart } from './start-position.ts';

export type TopicPlan = Extract<SubscribePlan, { readonly type: 'topic' }>;

/** A SUBSCRIBE that was accepted, and its plan. */
export interface Opening {
  readonly asked: Asked;
  readonly conversation: Conversation;
  readonly plan: TopicPlan;
  readonly terms: SubscriptionTerms;
}

/** Throws ProtocolError, or rejects with it, if the client asks for a history that is not kept. */
export function openTopic(opening: Opening): Maybe<void> {
  const { conversation, plan, terms } = opening;
  const { destination, start: wanted } = terms;
  if (!plan.hasPositions && wanted.from.type !== 'next') throw nothingKept(destination);
  if (isPattern(destination)) conversation.subscriptions.openPattern(destination);
  const { index } = conversation.parts;
  try {
    return openFollowed(opening, follow(index, plan));
  } finally {
    for (const topic of plan.topics) index.abandon(topic);
  }
}

function openFollowed(opening: Opening, ends: Maybe<Ends | null>): Maybe<void> {
  if (ends instanceof Promise) {
    return openLater(opening, (subscription) =>
      ends.then((now) => startAt(opening, now && subscription.endsBefore(now))),
    );
  }
  const start = startAt(opening, ends);
  const first = firstOf(opening);
  if (start instanceof Promise || first instanceof Promise) {
    return openLater(opening, () => Promise.resolve(start), first);
  }
  openAt(opening, start, first);
}

function firstOf({ plan }: Opening): Maybe<Buffer | null> {
  return plan.askFirst === undefined ? plan.first : plan.askFirst();
}

/** `null`: the topics keep no history. */
function follow(index: SubscriptionIndex, { hasPositions, topics }: TopicPlan): Maybe<Ends | null> {
  const [topic] = topics;
  if (topic === undefined) return null;
  if (hasPositions) return index.follow(topic, true);
  const answers = topics.map((one) => index.follow(one, false));
  if (!answers.some((one) => one instanceof Promise)) return null;
  return Promise.all(answers.map((one) => Promise.resolve(one))).then(() => null);
}

/** `null`: it starts with whatever comes first. */
function startAt(
  { conversation, plan, terms }: Opening,
  ends: Ends | null,
): Maybe<ResolvedStart | null> {
  const { destination, start: wanted } = terms;
  const [topic] = plan.topics;
  if (ends === null || topic === undefined || !plan.hasPositions) {
    if (wanted.from.type !== 'next') throw nothingKept(destination);
    return null;
  }
  const { engine } = conversation.parts;
  return resolveStart(wanted, ends, (offset, epoch = engine.epoch) =>
    engine.resolve(topic, { epoch, offset }),
  );
}

function openAt(opening: Opening, start: ResolvedStart | null, first: Buffer | null): void {
  const { asked, conversation, plan, terms } = opening;
  const isBehind = start !== null && start.next <= start.head;
  const subscription =
    terms.ackMode === 'auto' && !isBehind
      ? new AutoSubscription(conversation.subscriptionParts, terms, plan)
      : pacedSubscription(opening, start);
  enlist(conversation, terms, subscription, { first, hearsErrors: plan.hearsErrors });
  release(conversation, asked, terms, subscription, headersOf(opening, start));
}

/** The subscription receives, and holds, what is published until all answers are there. */
async function openLater(
  opening: Opening,
  ask: (subscription: PacedSubscription) => Promise<ResolvedStart | null>,
  asking?: Maybe<Buffer | null>,
): Promise<void> {
  const { asked, conversation, plan, terms } = opening;
  const subscription = pacedSubscription(opening, null);
  enlist(conversation, terms, subscription, { first: null, hearsErrors: plan.hearsErrors });
  const start = await ask(subscription);
  const first = await (asking ?? firstOf(opening));
  if (conversation.isEnded) return;
  if (start !== null) subscription.begin(start);
  if (first !== null) {
    subscription.tellFirst(conversation.messages.create(terms.destination, first));
  }
  release(conversation, asked, terms, subscription, headersOf(opening, start));
}

function pacedSubscription(
  { conversation, plan, terms }: Opening,
  start: ResolvedStart | null,
): PacedSubscription {
  const { destinationHeader, hasPositions, topics } = plan;
  return new PacedSubscription(conversation.subscriptionParts, terms, {
    destinationHeader,
    hasPositions,
    start,
    topics,
  });
}

function headersOf({ conversation }: Opening, start: ResolvedStart | null): Header[] {
  if (start === null) return [];
  return [
    [STREAM_EPOCH, conversation.parts.engine.epoch],
    [STREAM_OFFSET, String(start.head)],
    [RECOVERED, String(start.isRecovered)],
  ];
}

function nothingKept(destination: string): ProtocolError {
  return new ProtocolError('NOTHING_KEPT', destination);
}
