import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ChatDestinations } from '../shared/destinations.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection/connection.ts';
import type { Texts } from './i18n.ts';
import type { Navigation } from './navigation.ts';
import type { Calendar } from './parts/calendar.ts';
import type { Profile } from './profile.ts';
import type { Drafts } from './room/composer/drafts.ts';
import type { MembershipRecord } from './room/membership-record.ts';
import type { Outboxes } from './room/outbox/outboxes.ts';
import type { ReadHistory } from './room/timeline/history-page.ts';

/** Services available to every part of the page; created once, in `main.tsx`. */
export interface Services {
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly connection: Connection;
  readonly destinations: ChatDestinations;
  readonly drafts: Drafts;
  readonly navigation: Navigation;
  readonly outboxes: Outboxes;
  readonly profile: Profile;
  readonly readHistory: ReadHistory;
  readonly membershipRecord: MembershipRecord;
  readonly texts: Texts;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('rendered outside ServicesContext');
  return services;
}
