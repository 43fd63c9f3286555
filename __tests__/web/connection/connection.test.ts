import { beforeEach, describe, expect, test } from '@jest/globals';
import { Connection, type Member } from '../../../web/connection/connection.ts';
import type { Link } from '../../../web/connection/link.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeAttempts, FakeLink } from '../support/fake-link.ts';

let clock: FakeClock;
let attempts: FakeAttempts;
let connection: Connection;

beforeEach(() => {
  clock = new FakeClock();
  attempts = new FakeAttempts();
  connection = new Connection({ clock, open: attempts.open, random: () => 1 });
});

class Listener implements Member {
  readonly links: Link[] = [];
  timesAway = 0;

  onDisconnected(): void {
    this.timesAway += 1;
  }

  onConnected(link: Link): void {
    this.links.push(link);
  }
}

describe('the connection', () => {
  test('makes its first attempt at once', () => {
    expect(attempts.count).toBe(1);
    expect(connection.state.value).toMatchObject({ phase: 'connecting', tries: 0 });
  });

  test('retries with growing delays and never gives up', () => {
    const delays: number[] = [];
    for (let tries = 1; tries <= 50; tries += 1) {
      attempts.ends();
      const state = connection.state.value;
      if (state.phase === 'waiting') delays.push(state.retryAtMs - clock.now());
      clock.advance(20_000);
    }

    expect(attempts.count).toBe(51);
    expect(delays.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000]);
  });

  test('notifies its members of every link and every loss', () => {
    const early = new Listener();
    connection.join(early);
    const [first, second] = [new FakeLink(), new FakeLink()];

    attempts.opens(first);
    const late = new Listener();
    connection.join(late);
    attempts.ends();
    clock.advance(1_000);
    attempts.opens(second);

    expect(early.links).toEqual([first, second]);
    expect(late.links).toEqual([first, second]);
    expect(early.timesAway).toBe(1);
  });

  test('does not report the loss of a link that never opened', () => {
    const member = new Listener();
    connection.join(member);

    attempts.ends();

    expect(member.timesAway).toBe(0);
  });

  test('forgets a member that has left', () => {
    const member = new Listener();
    const leave = connection.join(member);

    leave();
    attempts.opens(new FakeLink());

    expect(member.links).toEqual([]);
  });

  test('retries at once when asked, and not again when the wait would have ended', () => {
    attempts.ends();

    connection.tryNow();
    clock.advance(60_000);

    expect(attempts.count).toBe(2);
    expect(connection.state.value.phase).toBe('connecting');
  });

  test('cuts the present link and nothing else', () => {
    const link = new FakeLink();
    connection.cut();
    attempts.opens(link);

    connection.cut();
    expect(link.isCut).toBe(true);
    attempts.ends();
    connection.cut();

    expect(connection.state.value.phase).toBe('waiting');
  });

  test('ignores requests to retry while it is connecting or connected', () => {
    connection.tryNow();
    attempts.opens(new FakeLink());
    connection.tryNow();

    expect(attempts.count).toBe(1);
  });

  test('keeps growing the delay when the server refuses right after opening', () => {
    for (let times = 0; times < 3; times += 1) {
      attempts.opens(new FakeLink());
      attempts.ends();
      clock.advance(20_000);
    }

    expect(connection.state.value.tries).toBe(3);
  });

  test('starts from the shortest delay after a stable link', () => {
    for (let times = 0; times < 6; times += 1) {
      attempts.ends();
      clock.advance(20_000);
    }
    attempts.opens(new FakeLink());
    clock.advance(5_000);

    attempts.ends();

    expect(connection.state.value).toMatchObject({ tries: 1, retryAtMs: clock.now() + 500 });
  });

  test('remembers over all attempts when the connection was lost', () => {
    attempts.opens(new FakeLink());
    clock.advance(5_000);
    const lostAtMs = clock.now();

    attempts.ends();
    clock.advance(500);
    attempts.ends();

    expect(connection.state.value).toMatchObject({ awaySinceMs: lostAtMs });
  });
});
