import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Publication } from '../../../broker/engine/engine.ts';
import type { Packet, WireEncoding } from '../../../broker/packet.ts';
import { sortDestination } from '../../../broker/routing/destination.ts';
import { FanOut } from '../../../broker/routing/fan-out.ts';
import { passedHeaders, programHeaders } from '../../../broker/routing/passed-headers.ts';
import { isPattern } from '../../../broker/routing/pattern.ts';
import {
  type Group,
  type Subscription,
  SubscriptionIndex,
} from '../../../broker/routing/subscription-index.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';
import { DEFAULT_PREFIXES } from '../../../shared/destinations.ts';
import { BareEncoding, BareText } from '../../support/bare-encoding.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type StompOutlet, stompSubscription } from '../../support/stomp-subscription.ts';

const BARE: WireEncoding = new BareEncoding('bare');
const TEXT: WireEncoding = new BareText('text');

class TestOutlet implements StompOutlet {
  readonly encoding: WireEncoding;
  readonly version: StompVersion;
  readonly written: Packet[] = [];
  bufferedBytes = 0;
  sheds = 0;

  constructor(encoding = BARE, version: StompVersion = '1.2') {
    this.encoding = encoding;
    this.version = version;
  }

  write(packet: Packet): void {
    this.written.push(packet);
  }

  shed(): void {
    this.sheds += 1;
  }
}

let published = 0;
function publication(destination: string, body: string | Buffer): Publication {
  published += 1;
  const message = { headers: [], body: Buffer.from(body) };
  return { id: `e-${published}`, destination, message, offset: null, isEphemeral: false };
}

function subscribe(
  index: SubscriptionIndex,
  destination: string,
  id: string | null,
  outlet = new TestOutlet(),
) {
  const subscription = stompSubscription(destination, id, outlet);
  index.add(subscription);
  return { outlet, subscription };
}

function groupsOf(index: SubscriptionIndex, destination: string): Group[] {
  return index.subscribersOf(destination).flatMap(({ groups }) => [...groups.values()]);
}

describe('fan-out', () => {
  test('writes the same bytes to all members of a group, once a batch', () => {
    const index = new SubscriptionIndex();
    const members = ['a', 'b', 'c'].map(() => subscribe(index, '/topic/x', 'sub-0'));

    void new FanOut(index, { unsentBytesMax: 1_000 }, new FakeClock()).deliver([
      publication('/topic/x', 'one'),
      publication('/topic/x', 'two'),
    ]);

    const packets = members.flatMap(({ outlet }) => outlet.written);
    expect(packets).toHaveLength(3);
    expect(new Set(packets).size).toBe(1);
    expect(packets[0]?.toString().match(/one|two/g)).toEqual(['one', 'two']);
  });

  test('encodes apart what differs: id, version, encoding, no id and an empty one', () => {
    const index = new SubscriptionIndex();
    subscribe(index, '/topic/x', 'sub-0');
    subscribe(index, '/topic/x', 'sub-1');
    subscribe(index, '/topic/x', 'sub-0', new TestOutlet(BARE, '1.1'));
    subscribe(index, '/topic/x', 'sub-0', new TestOutlet(TEXT));
    subscribe(index, '/topic/x', null);
    subscribe(index, '/topic/x', '');

    expect(groupsOf(index, '/topic/x')).toHaveLength(6);
  });

  test('tells text-only wires of a body that is no text, and leaves it out', () => {
    const index = new SubscriptionIndex();
    const { outlet } = subscribe(index, '/topic/x', 's', new TestOutlet(TEXT));

    void new FanOut(index, { unsentBytesMax: 1_000 }, new FakeClock()).deliver([
      publication('/topic/x', Buffer.from([0xff, 0x00])),
    ]);

    expect(outlet.written[0]).toContain('x-body-omitted:binary\n\n\0');
  });

  test('sheds who is over the limit, after everyone was written to', () => {
    const index = new SubscriptionIndex();
    const slow = subscribe(index, '/topic/x', 's');
    const after = subscribe(index, '/topic/x', 's');
    slow.outlet.bufferedBytes = 11;
    slow.outlet.shed = () => index.remove(slow.subscription);

    void new FanOut(index, { unsentBytesMax: 10 }, new FakeClock()).deliver([
      publication('/topic/x', 'hi'),
    ]);

    expect(after.outlet.written).toHaveLength(1);
    expect(groupsOf(index, '/topic/x').flatMap(({ members }) => members)).toEqual([
      after.subscription,
    ]);
  });

  test('drops what is ephemeral first, for who has much unsent', () => {
    const index = new SubscriptionIndex();
    const { outlet } = subscribe(index, '/topic/x', 's');
    const fanOut = new FanOut(index, { unsentBytesMax: 10 }, new FakeClock());
    const typing = { ...publication('/topic/x', 'typing'), isEphemeral: true };
    outlet.bufferedBytes = 6;

    void fanOut.deliver([typing]);
    expect(outlet.written).toHaveLength(0);
    void fanOut.deliver([publication('/topic/x', 'said')]);
    outlet.bufferedBytes = 5;
    void fanOut.deliver([typing]);

    expect(outlet.written).toHaveLength(2);
  });

  test('passes over destinations that nobody subscribed to', () => {
    const index = new SubscriptionIndex();
    const { outlet } = subscribe(index, '/topic/x', 's');

    void new FanOut(index, { unsentBytesMax: 10 }, new FakeClock()).deliver([
      publication('/topic/y', 'hi'),
    ]);

    expect(outlet.written).toEqual([]);
  });
});

describe('the subscription index', () => {
  test('holds exactly what was added and not removed, whatever the order', () => {
    const step = fc.record({ add: fc.boolean(), which: fc.nat(15) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new SubscriptionIndex();
        const all = Array.from({ length: 16 }, (_, at) =>
          stompSubscription(`/topic/${at % 3}`, `s${at % 2}`, new TestOutlet()),
        );
        const inside = new Set<Subscription>();
        for (const { add, which } of steps) {
          const subscription = all[which];
          if (subscription === undefined) continue;
          if (add && !inside.has(subscription)) {
            index.add(subscription);
            inside.add(subscription);
          } else if (!add) {
            index.remove(subscription);
            inside.delete(subscription);
          }
        }

        const held = [0, 1, 2].flatMap((at) =>
          groupsOf(index, `/topic/${at}`).flatMap(({ members }) => members),
        );
        expect(held).toHaveLength(inside.size);
        expect(new Set(held)).toEqual(inside);
        for (const at of [0, 1, 2]) {
          expect(index.has(`/topic/${at}`)).toBe(
            held.some(({ topic }) => topic === `/topic/${at}`),
          );
        }
      }),
    );
  });
});

describe('a destination', () => {
  test.each([
    ['/topic/a', 'topic', '/a'],
    ['/app/chat/message', 'app', '/chat/message'],
    ['/queue/a.b', 'queue', '/a.b'],
    ['/user/queue/errors', 'user', '/queue/errors'],
  ])('%s is sorted as %s', (destination, kind, path) => {
    expect(sortDestination(destination, DEFAULT_PREFIXES)).toEqual({ kind, path });
  });

  test.each(['', '/', '/topic', '/topics/a', 'topic/a', '/other/a'])(
    '%j is of no kind',
    (destination) => {
      expect(sortDestination(destination, DEFAULT_PREFIXES)).toEqual({ kind: 'unknown' });
    },
  );

  test('goes by other prefixes where the settings say so', () => {
    const prefixes = { ...DEFAULT_PREFIXES, topic: '/sub' };

    expect(sortDestination('/sub/a', prefixes)).toEqual({ kind: 'topic', path: '/a' });
    expect(sortDestination('/topic/a', prefixes)).toEqual({ kind: 'unknown' });
  });

  test.each([
    ['/topic/*', true],
    ['/topic/**', true],
    ['/topic/*/b', true],
    ['/topic/a.*.b', true],
    ['/topic/a*', false],
    ['/topic/2*3', false],
    ['/topic/a', false],
  ])('%s is a pattern: %s', (destination, expected) => {
    expect(isPattern(destination)).toBe(expected);
  });
});

test('headers pass on, repeats and order included, but for the names of the broker', () => {
  const headers = [
    ['a', '1'],
    ['receipt', 'r'],
    ['a', '2'],
    ['transaction', 't'],
    ['x-stream-epoch', 'e'],
    ['x-body-omitted', 'binary'],
    ['x-deduplication-id', 'd'],
    ['content-length', '3'],
    ['Content-Length', '3'],
    [' CONTENT-LENGTH ', '3'],
    ['content-lengths', '3'],
  ] as const;

  expect(passedHeaders(headers)).toEqual([
    ['a', '1'],
    ['a', '2'],
    ['x-deduplication-id', 'd'],
    ['content-lengths', '3'],
  ]);
});

test('credentials pass on only where the program names them', () => {
  const headers = [
    ['a', '1'],
    ['token', 't'],
    [' X-Auth-Token ', 't'],
    ['Content-Length', '3'],
  ] as const;

  expect(passedHeaders(headers)).toEqual([['a', '1']]);
  expect(programHeaders(headers)).toEqual([
    ['a', '1'],
    ['token', 't'],
    [' X-Auth-Token ', 't'],
  ]);
});
