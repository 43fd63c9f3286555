import type { Outlet } from '../../broker/routing/outlet.ts';
import { Subscription } from '../../broker/routing/subscription-index.ts';
import { SharedTails } from '../../broker/session/formats/shared-tails.ts';
import { formatOf, type StompWire } from '../../broker/session/formats/stomp-format.ts';

/** The outlet of a STOMP session. */
export type StompOutlet = Outlet & StompWire;

/** A subscription to a topic, as a STOMP session makes it. */
export function stompSubscription(
  topic: string,
  id: string | null,
  outlet: StompOutlet,
  tails = new SharedTails(),
): Subscription {
  return new Subscription(topic, formatOf(outlet, tails, id, null), outlet);
}
