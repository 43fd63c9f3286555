import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const MINUTE_MS = 60_000;

describe.each([
  ['set back by ten minutes', -10 * MINUTE_MS],
  ['set forward by a minute', MINUTE_MS],
])('a wall clock that is %s', (_how, byMs) => {
  test('cuts no session, and stops no heart-beats', () => {
    const broker = memoryBroker({ heartBeatMs: 10_000 });
    const client = broker.connect({ 'heart-beat': '10000,10000' });
    broker.clock.advance(5_000);

    broker.clock.setWall(byMs);
    for (let second = 0; second < 60; second += 1) {
      broker.clock.advance(1_000);
      client.say('\n');
    }

    expect(client.closedWith).toBeNull();
    expect(client.heartBeats).toBeGreaterThanOrEqual(6);
    expect(client.heartBeats).toBeLessThanOrEqual(8);
  });

  test('keeps the times of CONNECT, of half a frame and of silence', () => {
    const broker = memoryBroker({ connectTimeoutMs: 10_000, frameTimeoutMs: 30_000 });
    const [unknown, half, silent] = [
      broker.open(),
      broker.connect(),
      broker.connect({ 'heart-beat': '10000,0' }),
    ];
    half.say('SEND\n');

    broker.clock.setWall(byMs);
    broker.clock.advance(9_000);
    const early = [unknown, half, silent].map(({ closedWith }) => closedWith);
    broker.clock.advance(30_000);

    expect(early).toEqual([null, null, null]);
    expect(unknown.closedWith?.reason).toBe('CONNECT_TIMEOUT');
    expect(half.take().at(-1)?.headers.code).toBe('FRAME_TIMEOUT');
    expect(silent.closedWith?.reason).toBe('HEART_BEAT_LOST');
  });

  test('changes nothing for the number of refusals in a time, and for those of the rate', async () => {
    const application = new Application()
      .message('/no', () => reject('NO', 'never'))
      .message('/fast', () => reject('RATE_LIMITED', 'too fast'));
    const broker = memoryBroker({ refusalsMax: 5 }, { application });
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' });
    for (let time = 0; time < 5; time += 1) client.frame('SEND', { destination: '/app/no' });
    for (let time = 0; time < 20; time += 1) client.frame('SEND', { destination: '/app/fast' });

    broker.clock.setWall(byMs);
    client.frame('SEND', { destination: '/app/fast' });
    await turns();
    const told = client.take().filter(({ headers }) => headers.code === 'RATE_LIMITED');
    client.frame('SEND', { destination: '/app/no' });

    expect(told).toHaveLength(10);
    expect(client.closedWith?.reason).toBe('TOO_MANY_REFUSALS');
  });
});
