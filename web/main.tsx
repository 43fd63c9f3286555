import { options, render } from 'preact';
import { chatDestinations } from '../shared/destinations.ts';
import { App } from './app.tsx';
import { browserClock } from './clock.ts';
import { Connection } from './connection/connection.ts';
import { openStompLink } from './connection/open-stomp-link.ts';
import { reconnectOnWake } from './connection/wake.ts';
import { pickLanguage, TEXTS } from './i18n.ts';
import { GuardedStore } from './key-value-store.ts';
import { Navigation } from './navigation.ts';
import { Calendar } from './parts/calendar.ts';
import { atNextFrame } from './parts/render-pace.ts';
import { Profile } from './profile.ts';
import { Drafts } from './room/composer/drafts.ts';
import { MembershipRecord } from './room/membership-record.ts';
import { BrowserOutboxStorage, storageChanges } from './room/outbox/browser-outbox-storage.ts';
import { Outboxes } from './room/outbox/outboxes.ts';
import { LockedPages } from './room/outbox/pages.ts';
import { readHistory } from './room/timeline/history-page.ts';
import type { Services } from './services.ts';
import { parseSettings } from './settings.ts';
import './styles/index.css';

const language = pickLanguage(navigator.languages);
document.documentElement.lang = language;

const meta = document.querySelector<HTMLMetaElement>('meta[name="stomping-ground"]');
const { endpoint, prefixes } = parseSettings(meta?.content ?? '');
const destinations = chatDestinations(prefixes);
const link = { refusals: destinations.refusals, url: location.origin + endpoint };

const pages = new LockedPages('locks' in navigator ? navigator.locks : null);
const outboxes = new Outboxes(
  browserClock,
  (roomId, sender) =>
    new BrowserOutboxStorage({
      onChanged: (listener) => storageChanges(window, listener),
      open: () => window.localStorage,
      pages,
      roomId,
      sender,
    }),
);

const ofThisTab = new GuardedStore(() => window.sessionStorage);

const services: Services = {
  calendar: new Calendar(language),
  clock: browserClock,
  connection: new Connection({
    clock: browserClock,
    open: (events) => openStompLink(link, events),
    random: Math.random,
  }),
  destinations,
  drafts: new Drafts(ofThisTab),
  navigation: new Navigation(window),
  outboxes,
  profile: new Profile(new GuardedStore(() => window.localStorage)),
  readHistory,
  membershipRecord: new MembershipRecord(ofThisTab),
  texts: TEXTS[language],
};
reconnectOnWake(services.connection, window);

options.debounceRendering = atNextFrame;
const root = document.getElementById('app');
if (root !== null) render(<App services={services} />, root);
