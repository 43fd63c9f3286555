import { describe, expect, test } from '@jest/globals';
import type { Publication } from '../../../broker/engine/engine.ts';
import { type Packet, packetBytes } from '../../../broker/packet.ts';
import { FanOut } from '../../../broker/routing/fan-out.ts';
import { SubscriptionIndex } from '../../../broker/routing/subscription-index.ts';
import { SharedTails } from '../../../broker/session/formats/shared-tails.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';
import { BareEncoding } from '../../support/bare-encoding.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type StompOutlet, stompSubscription } from '../../support/stomp-subscription.ts';

const TOPIC = '/topic/x';
const KIB = 1_024;
const TAILS = new SharedTails();

/** The outlet of a session that reads nothing. */
class StuckOutlet implements StompOutlet {
  readonly encoding: BareEncoding;
  readonly version: StompVersion;
  readonly written: Packet[] = [];
  bufferedBytes = 0;
  sheds = 0;

  constructor(encoding: BareEncoding, version: StompVersion = '1.2') {
    this.encoding = encoding;
    this.version = version;
  }

  write(packet: Packet): void {
    this.written.push(packet);
    this.bufferedBytes += packetBytes(packet);
  }

  shed(): void {
    this.sheds += 1;
  }
}

function publication(body: string): Publication {
  const message = { headers: [['a', ':']] as const, body: Buffer.from(body) };
  return { id: 'm', destination: TOPIC, message, offset: null, isEphemeral: false };
}

function fanOutOf(index: SubscriptionIndex, unsentBytesMax: number): FanOut {
  return new FanOut(index, { unsentBytesMax }, new FakeClock(), TAILS);
}

function subscribe(
  index: SubscriptionIndex,
  outlet: StompOutlet,
  count: number,
  topic = TOPIC,
): void {
  for (let at = 0; at < count; at += 1) {
    index.add(stompSubscription(topic, `${at}`, outlet, TAILS));
  }
}

describe('what all subscribers share of a MESSAGE', () => {
  test('is encoded once, however many ids they gave', () => {
    const index = new SubscriptionIndex();
    const encoding = new BareEncoding('bare');
    const outlet = new StuckOutlet(encoding);
    subscribe(index, outlet, 300);

    void fanOutOf(index, 1_000 * KIB).deliver([publication('1'), publication('2')]);

    expect(outlet.written).toHaveLength(300);
    expect(encoding.prepared).toBe(2);
  });

  test('is encoded once for those who came by a pattern as well', () => {
    const index = new SubscriptionIndex();
    const encoding = new BareEncoding('bare');
    for (const topic of [TOPIC, '/topic/*', '/topic/**']) {
      subscribe(index, new StuckOutlet(encoding), 2, topic);
    }

    void fanOutOf(index, 1_000 * KIB).deliver([publication('1')]);

    expect(encoding.prepared).toBe(1);
  });

  test('is encoded once for each version', () => {
    const index = new SubscriptionIndex();
    const encoding = new BareEncoding('bare');
    const outlets = (['1.0', '1.1', '1.2'] as const).map(
      (version) => new StuckOutlet(encoding, version),
    );
    for (const outlet of outlets) subscribe(index, outlet, 10);

    void fanOutOf(index, 1_000 * KIB).deliver([publication('1')]);

    expect(encoding.prepared).toBe(3);
    expect(outlets.map(({ written }) => written[9]?.toString().split('\n').at(4))).toEqual([
      'a::',
      'a:\\c',
      'a:\\c',
    ]);
  });

  test('is not encoded for those who have too much unsent', () => {
    const index = new SubscriptionIndex();
    const encoding = new BareEncoding('bare');
    const outlet = new StuckOutlet(encoding);
    outlet.bufferedBytes = KIB + 1;
    subscribe(index, outlet, 10);

    void fanOutOf(index, KIB).deliver([publication('1')]);

    expect([encoding.prepared, outlet.written.length, outlet.sheds]).toEqual([0, 0, 1]);
  });
});

describe('a session that reads nothing', () => {
  test('is given one packet more than its limit, however many ids it has', () => {
    const index = new SubscriptionIndex();
    const outlet = new StuckOutlet(new BareEncoding('bare'));
    subscribe(index, outlet, 1_000);

    void fanOutOf(index, 25 * KIB).deliver([publication('x'.repeat(10 * KIB))]);

    expect(outlet.written).toHaveLength(3);
    expect(outlet.sheds).toBe(1);
  });

  test('is given one packet more than its limit, however much a batch brings', () => {
    const index = new SubscriptionIndex();
    const outlet = new StuckOutlet(new BareEncoding('bare'));
    subscribe(index, outlet, 3);
    const batch = Array.from({ length: 100 }, () => publication('x'.repeat(100 * KIB)));

    void fanOutOf(index, 300 * KIB).deliver(batch);

    for (const packet of outlet.written) expect(packetBytes(packet)).toBeLessThan(256 * KIB);
    expect(outlet.bufferedBytes).toBeLessThan((300 + 256) * KIB);
  });

  test('does not keep a batch of many bytes from one that reads', () => {
    const index = new SubscriptionIndex();
    const encoding = new BareEncoding('bare');
    const [slow, well] = [new StuckOutlet(encoding), new StuckOutlet(encoding)];
    Reflect.defineProperty(well, 'bufferedBytes', { get: () => 0, set: () => undefined });
    for (const outlet of [slow, well]) subscribe(index, outlet, 1);
    const batch = Array.from({ length: 30 }, (_, at) => publication(`${at}`.padEnd(100 * KIB)));

    void fanOutOf(index, 300 * KIB).deliver(batch);

    const bodies = well.written.flatMap((packet) => packet.toString().match(/\n\n\d+/g) ?? []);
    expect(bodies).toEqual(Array.from({ length: 30 }, (_, at) => `\n\n${at}`));
    expect([slow.sheds, well.sheds]).toEqual([1, 0]);
  });
});
