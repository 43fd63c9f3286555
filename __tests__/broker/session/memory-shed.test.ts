import { describe, expect, test } from '@jest/globals';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const MIB = 1_024 * 1_024;

/** A broker whose memory budget is used up by one session that never reads. */
function crowdedBroker() {
  const broker = memoryBroker({ memoryBudgetBytes: MIB });
  const [greedy, modest] = [broker.connect(), broker.connect()];
  const [held] = broker.opened;
  return { broker, greedy, held, modest };
}

describe('a session that holds the most when the memory budget is used up', () => {
  test('is told why, and is cut off without the time to read what waits for it', async () => {
    const { broker, greedy, held, modest } = crowdedBroker();

    held?.memory.count(2 * MIB);
    await turns(1);

    expect(greedy.closedWith).toEqual({ code: 4004, reason: 'MEMORY_SHED' });
    expect(greedy.take().at(-1)?.headers.code).toBe('MEMORY_SHED');
    expect(greedy.isCutOff).toBe(true);
    expect(modest.closedWith).toBeNull();
    expect(broker.parts.memory.shedCount).toBe(1);
  });

  test('is named in the log with the bytes that it held', async () => {
    const { broker, held } = crowdedBroker();

    held?.memory.count(2 * MIB);
    await turns(1);

    const line = broker.log.lines.find(({ text }) => text === 'memory budget: session is shed');
    expect(line).toMatchObject({
      level: 'warn',
      fields: { heldBytes: 2 * MIB, session: held?.id },
    });
  });

  test('is cut off as well when it is closed already and lingers', async () => {
    const { broker, greedy, held } = crowdedBroker();
    greedy.frame('DISCONNECT');
    expect(greedy.closedWith?.reason).toBe('CLIENT_LEFT');

    held?.memory.count(2 * MIB);
    await turns(1);

    expect(greedy.isCutOff).toBe(true);
    expect(broker.ended).toHaveLength(1);
  });

  test('is known to the budget no longer than its connection is open', async () => {
    const { broker, greedy, held } = crowdedBroker();
    greedy.lose();

    held?.memory.count(2 * MIB);
    await turns(1);

    expect(broker.parts.memory.shedCount).toBe(0);
  });
});
