import { describe, expect, test } from '@jest/globals';
import { frameText } from '../support/frame-text.ts';
import { SocketClient } from '../support/socket-client.ts';
import { SeenClock } from './seen-clock.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const BEATING = inSections('Heart-beating', 'Heart-beating');
const HOUR_MS = 3_600_000;
const OUR_MS = 10_000;

describe.each(WIRES)('heart-beats over $name', (kind) => {
  const clock = new SeenClock();
  const wire = useWire(kind, { heartBeatMs: OUR_MS }, { clock });

  test.each(BEATING)('H1 (STOMP %s, "%s"): CONNECTED tells two integers', async (version) => {
    const peer = await wire.open();

    peer.frame('CONNECT', { 'accept-version': version });

    expect((await peer.expect('CONNECTED')).headers['heart-beat']).toBe('10000,10000');
  });

  test('H1 (STOMP 1.0, "CONNECTED"): there is no heart-beat, and it means nothing', async () => {
    const peer = await wire.open();

    peer.frame('CONNECT', { 'heart-beat': '1000,1000' });

    expect((await peer.expect('CONNECTED')).headers['heart-beat']).toBeUndefined();
    clock.advance(HOUR_MS);
    await peer.expectNothing();
    expect(peer.eols).toBe(0);
  });

  test.each(BEATING)(
    'H2 (STOMP %s, "%s"): without the header nobody beats, and nobody is given up',
    async (version) => {
      const peer = await wire.connect(version);

      clock.advance(HOUR_MS);

      await peer.expectNothing();
      expect(peer.eols).toBe(0);
    },
  );

  test.each(BEATING)(
    'H3 (STOMP %s, "%s"): a client that cannot send is not waited for',
    async (version) => {
      const peer = await wire.connect(version, { 'heart-beat': '0,0' });

      clock.advance(HOUR_MS);

      await peer.expectNothing();
    },
  );

  test.each([
    ['1.2', '1000,0', 29_000],
    ['1.2', '20000,0', 59_000],
    ['1.1', '1000,0', 29_000],
    ['1.1', '20000,0', 59_000],
  ] as const)(
    'H3 (STOMP %s, "Heart-beating"): of heart-beat:%s and ours the larger counts',
    async (version, heartBeat, silenceMs) => {
      const peer = await wire.connect(version, { 'heart-beat': heartBeat });

      clock.advance(silenceMs);
      await peer.expectNothing();
      clock.advance(silenceMs + 2_000);

      await peer.expectEnd();
    },
  );

  test.each(BEATING)(
    'H4 (STOMP %s, "%s"): a client that wants none is sent none',
    async (version) => {
      const peer = await wire.connect(version, { 'heart-beat': '0,0' });

      clock.advance(HOUR_MS);

      await peer.expectNothing();
      expect(peer.eols).toBe(0);
    },
  );

  test.each([
    ['1.2', '0,1000', 10_000],
    ['1.2', '0,20000', 20_000],
    ['1.1', '0,1000', 10_000],
    ['1.1', '0,20000', 20_000],
  ] as const)(
    'H4 (STOMP %s, "Heart-beating"): heart-beat:%s is answered at the slower pace',
    async (version, heartBeat, paceMs) => {
      const [early, late] = [
        await wire.connect(version, { 'heart-beat': heartBeat }),
        await wire.connect(version, { 'heart-beat': heartBeat }),
      ];

      clock.advance(paceMs - 2_000);
      await early.expectNothing();
      expect(early.eols).toBe(0);
      clock.advance(2_000);

      await late.expectEols(1);
    },
  );

  test.each(BEATING)(
    'H5 (STOMP %s, "%s"): there is something in every interval',
    async (version) => {
      const peer = await wire.connect(version, { 'heart-beat': '0,10000' });

      for (let interval = 1; interval <= 12; interval += 1) {
        clock.advance(OUR_MS);
        await peer.expectEols(interval);
      }
    },
  );

  test.each(BEATING)('H6 (STOMP %s, "%s"): who has nothing to say says one LF', async (version) => {
    const peer = await wire.connect(version, { 'heart-beat': '0,10000' });

    clock.advance(OUR_MS);

    await peer.expectEols(1);
    await peer.expectNothing();
    expect(peer.eols).toBe(1);
  });

  test.each(BEATING)('H7 (STOMP %s, "%s"): an LF is a sign of life', async (version) => {
    const peer = await wire.connect(version, { 'heart-beat': '10000,0' });

    for (let beat = 0; beat < 12; beat += 1) {
      clock.advance(OUR_MS);
      await clock.heard(() => peer.say('\n'));
    }

    await peer.expectNothing();
  });

  test.each(BEATING)('H7 (STOMP %s, "%s"): so is any piece of a frame', async (version) => {
    const peer = await wire.connect(version, { 'heart-beat': '10000,0' });

    for (const octet of frameText('SEND', { destination: '/topic/a', receipt: '1' })) {
      clock.advance(2 * OUR_MS);
      await clock.heard(() => peer.say(octet));
    }

    await peer.expectReceipt('1');
  });

  test.each(BEATING)(
    'H8 (STOMP %s, "%s"): who says nothing for three intervals is given up',
    async (version) => {
      const peer = await wire.connect(version, { 'heart-beat': '10000,0' });

      clock.advance(31_000);

      await peer.expectEnd();
    },
  );

  test.each(BEATING)('H9 (STOMP %s, "%s"): who is late by less is not', async (version) => {
    const peer = await wire.connect(version, { 'heart-beat': '10000,0' });

    for (let time = 0; time < 5; time += 1) {
      clock.advance(29_000);
      await peer.expectNothing();
    }
  });

  test.each(
    BEATING.flatMap(([version]) =>
      ['', 'often', '10000', '1,2,3', '-1,0', '1.5,0', ',', '1;2', '0x10,0'].map(
        (heartBeat) => [version, heartBeat] as const,
      ),
    ),
  )('H10 (STOMP %s, "Heart-beating"): heart-beat:%s is an ERROR', async (version, heartBeat) => {
    const peer = await wire.open();

    peer.frame('CONNECT', { 'accept-version': version, 'heart-beat': heartBeat });

    await peer.expectError('BAD_HEART_BEAT');
  });
});

describe.each(WIRES)('a server without heart-beats, over $name', (kind) => {
  const clock = new SeenClock();
  const wire = useWire(kind, { heartBeatMs: 0 }, { clock });

  test.each(BEATING)(
    'H3 (STOMP %s, "%s"): who wants none gives up nobody, and sends none',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version, 'heart-beat': '1000,1000' });

      expect((await peer.expect('CONNECTED')).headers['heart-beat']).toBe('0,0');
      clock.advance(HOUR_MS);
      await peer.expectNothing();
      expect(peer.eols).toBe(0);
    },
  );
});

describe('heart-beats of browsers', () => {
  const clock = new SeenClock();
  const wire = useWire(WIRES[0], {}, { clock });

  test('H9 (STOMP 1.2, "Heart-beating"): a background tab may be late by more', async () => {
    const client = await SocketClient.open(wire.url(), { origin: wire.url() });
    client.frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '10000,0' });
    await client.expectFrame('CONNECTED');

    clock.advance(89_000);
    await client.subscribe('/topic/a', '0');
    clock.advance(91_000);

    expect(await client.expectClose()).toEqual({ code: 4001, reason: 'HEART_BEAT_LOST' });
  });
});
