import { beforeEach, describe, expect, test } from '@jest/globals';
import { chatDestinations, DEFAULT_PREFIXES } from '../../../shared/destinations.ts';
import { Connection } from '../../../web/connection/connection.ts';
import type { Beginning } from '../../../web/connection/link.ts';
import { GuardedStore } from '../../../web/key-value-store.ts';
import { MembershipRecord } from '../../../web/room/membership-record.ts';
import { Outbox } from '../../../web/room/outbox/outbox.ts';
import { RoomVisit } from '../../../web/room/room-visit.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeHistory } from '../support/fake-history.ts';
import { accepted, FakeAttempts, FakeLink, refused } from '../support/fake-link.ts';
import { MemoryOutboxStorage } from '../support/memory-outbox-storage.ts';

const destinations = chatDestinations(DEFAULT_PREFIXES);
const room = destinations.roomOf('7');
const presence = destinations.presenceOf('7');

let clock: FakeClock;
let attempts: FakeAttempts;
let outbox: Outbox;
let reads: FakeHistory;
let membershipRecord: MembershipRecord;
let visit: RoomVisit;
/** Loads the page again in the same tab. */
let reload: () => void;

beforeEach(() => {
  clock = new FakeClock();
  attempts = new FakeAttempts();
  reads = new FakeHistory();
  outbox = new Outbox(clock, new MemoryOutboxStorage());
  const connection = new Connection({ clock, open: attempts.open, random: () => 0 });
  const who = { roomId: '7', sender: 'Ada' };
  membershipRecord = new MembershipRecord(
    new GuardedStore(() => {
      throw new Error('forbidden');
    }),
  );
  const readHistory = reads.read;
  const visitRoom = () =>
    new RoomVisit({
      clock,
      connection,
      destinations,
      outbox,
      readHistory,
      membershipRecord,
      ...who,
    });
  reload = () => {
    disconnect();
    visit = visitRoom();
    visit.begin();
  };
  visit = visitRoom();
  visit.begin();
});

function reconnect(): FakeLink {
  const link = new FakeLink();
  attempts.opens(link);
  return link;
}

function enter(beginning: Partial<Beginning> = {}): FakeLink {
  const link = reconnect();
  link.confirm(room, { epoch: 'e1', head: 0, isRecovered: true, ...beginning });
  link.confirm(presence);
  return link;
}

function disconnect(): void {
  attempts.ends();
  clock.advance(1_000);
}

const said = (id: string, message: string, sender = 'Bob') => ({
  type: 'TALK',
  roomId: '7',
  sender,
  message,
  id,
  at: '2026-03-01T03:00:00.000Z',
});
const texts = () => {
  const { lines, past } = visit.stream.timeline.value;
  return [...past, ...lines].map((line) => (line.type === 'gap' ? '(gap)' : line.text));
};

describe('a visit', () => {
  test('enters once both subscriptions are confirmed, not before', () => {
    const link = reconnect();

    link.confirm(room, { epoch: 'e1', head: 0, isRecovered: true });
    expect(link.sent).toEqual([]);
    link.confirm(presence);

    expect(link.sent).toHaveLength(1);
    expect(link.sent[0]).toMatchObject({
      destination: '/app/chat/message',
      body: { type: 'ENTER', roomId: '7', sender: 'Ada' },
    });
    expect(link.sent[0]?.body).not.toHaveProperty('resume');
  });

  test('resumes on every later link', () => {
    enter();
    disconnect();

    expect(enter().sent[0]?.body).toMatchObject({ type: 'ENTER', resume: true });
  });

  test('resumes after a reload, but not after leaving', () => {
    enter();

    reload();
    expect(enter().sent[0]?.body).toMatchObject({ type: 'ENTER', resume: true });
    visit.leave();
    reload();
    expect(enter().sent[0]?.body).not.toHaveProperty('resume');
  });

  test('reports whether it was admitted', () => {
    const link = enter();
    expect(visit.admission.value).toEqual({ type: 'asked' });

    link.sent[0]?.answer(refused('BAD_SENDER'));
    expect(visit.admission.value).toMatchObject({ refusal: { code: 'BAD_SENDER' } });

    disconnect();
    enter().sent[0]?.answer(accepted());
    expect(visit.admission.value).toEqual({ type: 'in' });
  });

  test('enters again after a moment when the rate limit was exceeded', () => {
    const link = enter();
    link.sent[0]?.answer(refused('RATE_LIMITED'));
    expect(visit.admission.value).toEqual({ type: 'asked' });

    clock.advance(1_000);
    expect(link.sent.map(({ body }) => [body.type, body.resume])).toEqual([
      ['ENTER', undefined],
      ['ENTER', true],
    ]);
    link.sent[1]?.answer(accepted(1));
    expect(visit.admission.value).toEqual({ type: 'in' });
  });

  test.each([
    ['it leaves', () => visit.leave()],
    ['the connection is lost', () => attempts.ends()],
  ])('does not enter again if %s before then', (_what, end) => {
    const link = enter();
    link.sent[0]?.answer(refused('RATE_LIMITED'));

    end();
    clock.advance(999);

    expect(link.sent.filter(({ body }) => body.type === 'ENTER')).toHaveLength(1);
    clock.advance(1_000);
    expect(link.sent.filter(({ body }) => body.type === 'ENTER')).toHaveLength(1);
  });

  test('sends earlier messages after the ENTER, in order', () => {
    visit.say('one');
    visit.say('two');

    const link = enter();
    link.sent[1]?.answer(accepted(2));
    clock.advance(25);

    expect(link.sent.map(({ body }) => body.type)).toEqual(['ENTER', 'TALK', 'TALK']);
    expect(link.texts()).toEqual(['one', 'two']);
  });

  test('shows an accepted message once, whether RECEIPT or echo arrives first', () => {
    const link = enter();
    visit.say('one');
    const first = link.sent[1];
    link.deliver(room, said(String(first?.body.id), 'one', 'Ada'), 1);
    first?.answer(accepted(1));
    clock.advance(25);
    visit.say('two');
    const second = link.sent[2];
    second?.answer(accepted(2));
    link.deliver(room, said(String(second?.body.id), 'two', 'Ada'), 2);

    expect(texts()).toEqual(['one', 'two']);
    expect(outbox.entries.value).toEqual([]);
  });

  test('sends an unanswered message again under the same id', () => {
    const before = enter();
    visit.say('hello');
    disconnect();
    const after = enter();

    const id = before.sent[1]?.body.id;
    expect(after.sent[1]?.body).toMatchObject({ type: 'TALK', message: 'hello', id });
  });

  test('shows a message once that was published before the link was lost', () => {
    visit.say('mine');
    const link = enter({ head: 2 });
    link.deliver(room, said('x', 'before'), 1);
    link.deliver(room, said(String(link.sent[1]?.body.id), 'mine', 'Ada'), 2);
    link.sent[1]?.answer(accepted(2));

    expect(texts()).toEqual(['before', 'mine']);
    expect(outbox.entries.value).toEqual([]);
  });

  test('recognizes a waiting message in an older page', async () => {
    visit.say('mine');
    const link = enter({ head: 99 });
    const id = String(link.sent[1]?.body.id);
    for (let at = 50; at <= 99; at += 1) link.deliver(room, said(`x${at}`, 'later'), at);
    visit.older.load();
    const message = said(id, 'mine', 'Ada');
    await reads.answer({ epoch: 'e1', oldest: 1, head: 99, messages: [{ offset: 49, message }] });
    link.sent[1]?.answer(accepted(49));

    expect(reads.asked).toEqual([50]);
    expect(texts().slice(0, 2)).toEqual(['mine', 'later']);
    expect(texts()).toHaveLength(51);
    expect(outbox.entries.value).toEqual([]);
  });

  test('does not show TYPING or unknown messages', () => {
    const link = enter();

    link.deliver(room, { ...said('x', ''), type: 'TYPING' });
    link.deliver(room, { ...said('x', 'hi'), at: 'yesterday' });
    link.deliver(room, 'text');

    expect(texts()).toEqual([]);
  });

  test('counts the people', () => {
    const link = enter();

    link.deliver(presence, { type: 'STATE', roomId: '7', version: 3, count: 1, people: ['Ada'] });
    link.deliver(presence, {
      type: 'CHANGE',
      roomId: '7',
      version: 4,
      count: 2,
      joined: ['Bob'],
      left: [],
    });
    link.deliver(presence, { type: 'CHANGE', count: 'many' });

    expect(visit.presence.value).toMatchObject({ count: 2, people: ['Ada', 'Bob'] });
  });
});

describe('leaving', () => {
  test('sends the waiting messages, then LEAVE, and unsubscribes', () => {
    const link = enter();
    visit.say('one');
    visit.say('two');

    visit.leave();

    expect(link.sent.map(({ body }) => body.type)).toEqual(['ENTER', 'TALK', 'TALK', 'LEAVE']);
    expect(link.subscribers.size).toBe(0);
  });

  test('sends nothing if the room was never entered', () => {
    const link = reconnect();

    visit.leave();
    link.confirm(presence);

    expect(link.sent).toEqual([]);
  });

  test('without a link keeps unsent messages for the next visit', () => {
    enter();
    disconnect();
    visit.say('unsent');

    visit.leave();

    expect(outbox.entries.value.map(({ text }) => text)).toEqual(['unsent']);
  });
});
