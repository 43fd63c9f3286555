import { describe, expect, test } from '@jest/globals';
import { memoryBroker } from '../../support/memory-broker.ts';

function stuckClient() {
  const broker = memoryBroker({ heartBeatMs: 0, sendTimeoutMs: 30_000 });
  const client = broker.connect();
  client.bufferedBytes = 1_000;
  return { broker, client };
}

describe('a client for which bytes wait', () => {
  test('is ended when it has taken none of them for the send timeout', () => {
    const { broker, client } = stuckClient();

    broker.clock.advance(30_000);
    expect(client.closedWith).toBeNull();
    broker.clock.advance(1_000);

    expect(client.closedWith).toEqual({ code: 4005, reason: 'SEND_TIMEOUT' });
    expect(client.take().at(-1)?.headers.code).toBe('SEND_TIMEOUT');
    expect(broker.log.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        fields: { bufferedBytes: 1_000, peer: 'memory', session: broker.opened[0]?.id },
        text: 'the client takes nothing of what waits for it: session is ended',
      },
    ]);
  });

  test('has all of the time again after each byte that it takes', () => {
    const { broker, client } = stuckClient();

    for (let time = 0; time < 5; time += 1) {
      broker.clock.advance(29_000);
      client.bytesTaken += 1;
    }

    expect(client.closedWith).toBeNull();
  });

  test('gains nothing by what is written to it meanwhile', () => {
    const { broker, client } = stuckClient();

    for (let second = 0; second < 31; second += 1) {
      client.bufferedBytes += 100;
      broker.clock.advance(1_000);
    }

    expect(client.closedWith?.reason).toBe('SEND_TIMEOUT');
  });

  test('has all of the time again after nothing waited', () => {
    const { broker, client } = stuckClient();

    broker.clock.advance(29_000);
    client.bufferedBytes = 0;
    broker.clock.advance(1_000);
    client.bufferedBytes = 1;
    broker.clock.advance(29_000);

    expect(client.closedWith).toBeNull();
  });
});
