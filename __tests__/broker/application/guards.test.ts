import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import type { Guard, Guarded } from '../../../broker/application/guards.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const ERRORS = '/user/queue/errors';

/** Rejects one destination. */
function no(destination: string): Guard {
  return (guarded) => {
    if (guarded.destination === destination) reject('MEMBERS_ONLY', 'you are not one');
  };
}

/** Answers in a later turn, as a database does. */
function later(guard: Guard): Guard {
  return async (guarded) => {
    await turns(1);
    return guard(guarded);
  };
}

function guardedBy(...guards: Guard[]) {
  const application = new Application();
  for (const guard of guards) application.guard(guard);
  return memoryBroker({}, { application, authenticate: ({ login }) => login });
}

describe('a guard', () => {
  test('is asked about every SEND and SUBSCRIBE as it was written', () => {
    const asked: Guarded[] = [];
    const broker = guardedBy((guarded) => {
      asked.push(guarded);
    });
    const client = broker.connect({ login: 'kim' });

    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', 'x-mine': 'a' });
    client.frame('SEND', { destination: '/topic/x', 'x-mine': 'b' }, 'hi');
    client.frame('UNSUBSCRIBE', { id: '1' });

    expect(asked).toMatchObject([
      {
        command: 'SUBSCRIBE',
        destination: '/topic/x',
        caller: { user: 'kim' },
        headers: [
          ['id', '1'],
          ['destination', '/topic/x'],
          ['x-mine', 'a'],
        ],
      },
      { command: 'SEND', destination: '/topic/x', caller: { user: 'kim' } },
    ]);
    expect(asked[0]?.caller).toBe(asked[1]?.caller);
    expect(asked[1]?.body.toString()).toBe('hi');
  });

  test.each(['/queue/a', '/user/queue/errors', '/user/kim/queue/a', '/topic/*', '/app/x', '/else'])(
    'is asked about %s before anything else is',
    async (destination) => {
      const [sender, subscriber] = [guardedBy(no(destination)), guardedBy(no(destination))].map(
        (broker) => broker.connect(),
      );

      sender?.frame('SEND', { destination, receipt: 'r' });
      subscriber?.frame('SUBSCRIBE', { id: '1', destination, receipt: 'r' });
      await turns();

      for (const client of [sender, subscriber]) {
        expect(client?.take()).toMatchObject([
          { command: 'ERROR', headers: { code: 'MEMBERS_ONLY', 'receipt-id': 'r' } },
        ]);
        expect(client?.closedWith).toEqual({ code: 1008, reason: 'REFUSED' });
      }
    },
  );

  test.each([
    ['at once', no('/topic/x')],
    ['later', later(no('/topic/x'))],
  ])('that rejects a SEND %s leaves the session its errors queue', async (_when, guard) => {
    const client = guardedBy(guard).connect();
    client.frame('SUBSCRIBE', { id: 'errors', destination: ERRORS });
    client.frame('SUBSCRIBE', { id: 'y', destination: '/topic/y' });
    await turns();

    client.frame('SEND', { destination: '/topic/x', receipt: 'r' }, 'not said');
    client.frame('SEND', { destination: '/topic/y' }, 'said');
    await turns(6);

    const [refusal, message, ...rest] = client.take();
    expect(refusal?.headers).toMatchObject({ code: 'MEMBERS_ONLY', 'receipt-id': 'r' });
    expect(message?.body).toBe('said');
    expect(rest).toEqual([]);
    expect(client.closedWith).toBeNull();
  });

  test.each([
    ['at once', no('/topic/x')],
    ['later', later(no('/topic/x'))],
  ])('that rejects a SUBSCRIBE %s ends the connection', async (_when, guard) => {
    const broker = guardedBy(guard);
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: 'errors', destination: ERRORS });
    await turns();

    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
    await turns();

    expect(client.take()[0]).toMatchObject({ command: 'ERROR', headers: { code: 'MEMBERS_ONLY' } });
    expect(broker.index.has('/topic/x')).toBe(false);
  });

  test('holds what follows until it has settled', async () => {
    const order: string[] = [];
    const broker = guardedBy(
      later(({ body }) => {
        order.push(body.toString());
      }),
    );
    const client = broker.connect();

    for (const body of ['1', '2', '3']) client.frame('SEND', { destination: '/topic/x' }, body);
    await turns(6);

    expect(order).toEqual(['1', '2', '3']);
  });

  test('comes after the ones before it, and not at all behind a rejection', async () => {
    const order: string[] = [];
    const note = (name: string) => () => {
      order.push(name);
    };
    const broker = guardedBy(note('one'), later(note('two')), no('/topic/x'), note('four'));
    const client = broker.connect();

    client.frame('SEND', { destination: '/topic/x' });
    await turns();

    expect(order).toEqual(['one', 'two']);
  });

  test.each([
    ['throws', () => JSON.parse('{')],
    ['fails later', () => Promise.reject(new RangeError('the database is gone'))],
    // The types forbid it, but JavaScript code may do it: `false` must not let the frame pass.
    ['says false', () => JSON.parse('false')],
    ['says false later', async () => JSON.parse('false')],
  ])('that %s lets nothing pass, and is logged', async (_what, guard) => {
    const broker = guardedBy(guard);
    const client = broker.connect();

    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
    await turns();

    expect(client.take()[0]?.headers.code).toBe('INTERNAL');
    expect(broker.index.has('/topic/x')).toBe(false);
    expect(broker.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('that settles after the session ended subscribes nobody', async () => {
    const broker = guardedBy(later(() => undefined));
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });

    broker.opened[0]?.close('DRAINING');
    await turns();

    expect(broker.index.has('/topic/x')).toBe(false);
  });
});

test('a handler may return a promise of another realm, as those of Node are in a test', async () => {
  const foreign = runInNewContext('Promise.resolve({ publish: [] })');
  const application = new Application().message('/a', () => foreign);
  const caller = { address: '192.0.2.1', sessionId: 's', user: null };
  const asked = { body: Buffer.alloc(0), caller, headers: [], sentHeaders: [] };

  expect(await application.send('/a', asked)).toEqual({
    type: 'answered',
    value: { publish: [] },
  });
});
