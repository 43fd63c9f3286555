import { describe, expect, test } from '@jest/globals';
import type { Authenticate } from '../../../broker/authentication.ts';
import { frameText } from '../../support/frame-text.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const CONNECT = { 'accept-version': '1.2', host: 'test' };
const codes = (frames: readonly { headers: Record<string, string> }[]) =>
  frames.map(({ headers }) => headers.code);

describe('a connection whose CONNECT frame is not complete', () => {
  test('is refused when it has sent more than it may', () => {
    const client = memoryBroker({ connectBytes: 1_000 }).open();

    client.say('CONNECT\n');
    for (let count = 0; count < 9; count += 1) client.say(`header-${count}:${'x'.repeat(90)}\n`);
    expect(client.closedWith).toBeNull();
    client.say(`header-9:${'x'.repeat(90)}\n`);

    expect(codes(client.take())).toEqual(['CONNECT_TOO_LARGE']);
    expect(client.closedWith?.code).toBe(1002);
  });

  test('is refused as well when all of it comes at once', () => {
    const client = memoryBroker({ connectBytes: 1_000 }).open();

    client.frame('CONNECT', { ...CONNECT, passcode: 'x'.repeat(1_000) });

    expect(codes(client.take())).toEqual(['CONNECT_TOO_LARGE']);
  });

  test('is refused for line ends alone', () => {
    const client = memoryBroker({ connectBytes: 1_000 }).open();

    client.say('\n'.repeat(1_001));

    expect(codes(client.take())).toEqual(['CONNECT_TOO_LARGE']);
  });

  test('may send any number of frames after it in the same chunk', async () => {
    const client = memoryBroker({ connectBytes: 1_000 }).open();

    client.say(
      frameText('CONNECT', CONNECT) +
        frameText('SEND', { destination: '/topic/x', receipt: 'r' }, 'x'.repeat(2_000)),
    );
    await turns();

    expect(client.take().map(({ command }) => command)).toEqual(['CONNECTED', 'RECEIPT']);
  });
});

describe('while the login runs', () => {
  /** A broker whose logins wait until the test decides them. */
  function waitingBroker() {
    let decide = (_isIn: boolean) => {};
    const authenticate: Authenticate = async () => {
      const isIn = await new Promise<boolean>((resolve) => {
        decide = resolve;
      });
      return isIn ? 'ada' : null;
    };
    const broker = memoryBroker({ connectBytes: 1_000 }, { authenticate });
    return { broker, decide: (isIn: boolean) => decide(isIn) };
  }

  test('the connection is not read further, and nothing is refused', async () => {
    const { broker, decide } = waitingBroker();
    const client = broker.open();

    client.say(
      frameText('CONNECT', CONNECT) +
        frameText('SEND', { destination: '/topic/x', receipt: 'r' }, 'x'.repeat(2_000)),
    );
    await turns();
    expect(client.isPaused).toBe(true);
    expect(client.take()).toEqual([]);

    decide(true);
    await turns();
    expect(client.isPaused).toBe(false);
    expect(client.take().map(({ command }) => command)).toEqual(['CONNECTED', 'RECEIPT']);
  });
});
