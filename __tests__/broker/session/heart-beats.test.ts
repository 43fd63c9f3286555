import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const LIMITS = { heartBeatMs: 10_000, browserSilenceMs: 90_000 };

describe('heart-beats to the client', () => {
  test('come in time when there is nothing else to say', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '0,10000' });

    for (let second = 0; second < 60; second += 1) broker.clock.advance(1_000);

    expect(client.heartBeats).toBeGreaterThanOrEqual(6);
    expect(client.heartBeats).toBeLessThanOrEqual(8);
  });

  test('never leave a gap longer than was promised', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '0,10000' });
    let lastAt = broker.clock.now();
    let longestMs = 0;

    for (let step = 0; step < 1_200; step += 1) {
      const before = client.packetsOut;
      // Packets are sent now and then, at irregular times.
      if (step % 170 === 33)
        client.frame('SUBSCRIBE', { id: `s${step}`, destination: '/topic/a', receipt: 'r' });
      broker.clock.advance(100);
      if (client.packetsOut === before) continue;
      longestMs = Math.max(longestMs, broker.clock.now() - lastAt);
      lastAt = broker.clock.now();
    }

    expect(longestMs).toBeLessThanOrEqual(10_100);
  });

  test('are not sent to a client that wants none', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '10000,0' });

    broker.clock.advance(25_000);

    expect(client.heartBeats).toBe(0);
  });

  test('go at the slower of the two intervals', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '0,60000' });

    for (let second = 0; second < 50; second += 1) broker.clock.advance(1_000);
    expect(client.heartBeats).toBe(0);
    for (let second = 0; second < 11; second += 1) broker.clock.advance(1_000);

    expect(client.heartBeats).toBe(1);
  });
});

describe('heart-beats from the client', () => {
  test('keep it connected', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '10000,0' });

    for (let beat = 0; beat < 12; beat += 1) {
      broker.clock.advance(10_000);
      client.say('\n');
    }

    expect(client.closedWith).toBeNull();
  });

  test('may be late by a margin, then the session is given up', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '10000,0' });

    broker.clock.advance(29_000);
    expect(client.closedWith).toBeNull();
    broker.clock.advance(2_000);

    expect(client.closedWith).toEqual({ code: 4001, reason: 'HEART_BEAT_LOST' });
  });

  test('may pause for 90 s in a browser, as in a background tab', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '10000,0' }, { isBrowser: true });

    broker.clock.advance(89_000);
    expect(client.closedWith).toBeNull();
    broker.clock.advance(2_000);

    expect(client.closedWith?.reason).toBe('HEART_BEAT_LOST');
  });

  test('are not waited for where none were promised', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({ 'heart-beat': '0,0' });

    broker.clock.advance(3_600_000);

    expect(client.closedWith).toBeNull();
  });

  test('are made up for by the pongs of a browser that promised none', () => {
    const broker = memoryBroker(LIMITS);
    const client = broker.connect({}, { isBrowser: true, isProbing: true });

    for (let pong = 0; pong < 10; pong += 1) {
      broker.clock.advance(60_000);
      client.pong();
    }
    expect(client.closedWith).toBeNull();
    broker.clock.advance(91_000);

    expect(client.closedWith?.reason).toBe('HEART_BEAT_LOST');
  });
});

test('half a message of the transport and then silence ends the connection with an ERROR', () => {
  const broker = memoryBroker({ frameTimeoutMs: 30_000 });
  const client = broker.connect({ 'heart-beat': '10000,0' });

  client.isMidMessage = true;
  for (let second = 0; second < 60; second += 1) {
    client.bytesIn += 100;
    broker.clock.advance(1_000);
  }
  expect(client.closedWith).toBeNull();
  broker.clock.advance(31_000);

  expect(client.take()[0]?.headers.code).toBe('FRAME_TIMEOUT');
});

test('a handler that takes its time is not held against the client', async () => {
  let release = () => {};
  const application = new Application().message('/slow', async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return undefined;
  });
  const broker = memoryBroker({ frameTimeoutMs: 1_000 }, { application });
  const client = broker.connect({ 'heart-beat': '1000,0' });

  client.frame('SEND', { destination: '/app/slow' });
  client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'r' });
  for (let second = 0; second < 60; second += 1) broker.clock.advance(1_000);
  release();
  await turns(6);

  expect(client.take().map(({ command }) => command)).toEqual(['RECEIPT']);
  expect(client.closedWith).toBeNull();
});

test('half a frame and then silence ends the connection with an ERROR', () => {
  const broker = memoryBroker({ frameTimeoutMs: 30_000 });
  const client = broker.connect();

  client.say('SEND\ndestination:/topic/a\n\nhal');
  broker.clock.advance(31_000);

  expect(client.take()[0]?.headers.code).toBe('FRAME_TIMEOUT');
  expect(client.closedWith?.reason).toBe('PROTOCOL_ERROR');
});
