import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import type { Engine } from '../../../broker/engine/engine.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { ReceivedFrame } from '../../support/parse-frames.ts';
import { slowEngine } from '../../support/slow-engine.ts';
import { turns } from '../../support/turns.ts';

const receipts = (frames: readonly ReceivedFrame[]) =>
  frames.filter(({ command }) => command === 'RECEIPT').map(({ headers }) => headers['receipt-id']);

describe('replies', () => {
  test('wait for the commit and keep the order of the frames', async () => {
    const { commit, engine } = slowEngine();
    const client = memoryBroker({}, { engine }).connect();

    client.frame('SEND', { destination: '/topic/x', receipt: '1' });
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/y', receipt: '2' });
    client.frame('SEND', { destination: '/topic/x', receipt: '3' });
    expect(client.take()).toEqual([]);

    await commit();
    expect(receipts(client.take())).toEqual(['1', '2']);
    await commit();
    expect(receipts(client.take())).toEqual(['3']);
  });

  test('of DISCONNECT waits for everything that was sent before', async () => {
    const { commit, engine } = slowEngine();
    const client = memoryBroker({}, { engine }).connect();

    client.frame('SEND', { destination: '/topic/x' });
    client.frame('DISCONNECT', { receipt: 'bye' });
    await turns();
    expect(client.take()).toEqual([]);
    expect(client.closedWith).toBeNull();

    await commit();
    expect(receipts(client.take())).toEqual(['bye']);
    expect(client.closedWith?.reason).toBe('CLIENT_LEFT');
  });

  test('go out before the ERROR that ends the session', async () => {
    const { commit, engine } = slowEngine();
    const client = memoryBroker({}, { engine }).connect();

    client.frame('SEND', { destination: '/topic/x', receipt: '1' });
    client.frame('SEND', { receipt: '2' });
    await commit();

    const frames = client.take();
    expect(frames.map(({ command }) => command)).toEqual(['RECEIPT', 'ERROR']);
    expect(frames[1]?.headers).toMatchObject({ code: 'MISSING_HEADER', 'receipt-id': '2' });
  });
});

describe('a bug of a handler', () => {
  const bug = () => {
    throw new TypeError('secret of the house');
  };

  test('that shows after the commit ends its own session alone', async () => {
    const publish = [sendTo('/topic/x', 1)];
    const application = new Application()
      .message('/late', () => ({ publish, committed: bug }))
      .message('/quiet', () => ({ publish: [], committed: bug }));
    const broker = memoryBroker({}, { application });
    const other = broker.connect();

    for (const destination of ['/app/late', '/app/quiet']) {
      const client = broker.connect();
      client.frame('SEND', { destination: '/topic/y' });
      client.frame('SEND', { destination, receipt: 'r' });
      await turns(6);

      expect(client.take().at(-1)?.headers).toMatchObject({ code: 'INTERNAL', 'receipt-id': 'r' });
      expect(client.closedWith?.code).toBe(1011);
    }
    expect(other.closedWith).toBeNull();
  });

  test('at the end of a session is logged', () => {
    const broker = memoryBroker({}, { application: new Application().closed(bug) });
    const client = broker.connect();

    client.lose();

    expect(broker.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(broker.ended).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  /** Records the events of each client, in order. */
  function diary() {
    const entries: string[] = [];
    const application = new Application()
      .message('/enter', () => ({
        publish: [sendTo('/topic/x', 1)],
        committed: () => entries.push('entered'),
      }))
      .message('/later', async () => {
        await turns();
        return { publish: [], committed: () => entries.push('entered later') };
      })
      .subscribe('/slow', async () => {
        await turns();
        return 1;
      })
      .closed(() => entries.push('closed'));
    return { application, entries };
  }

  test.each(['/app/enter', '/app/later'])(
    'is told to the application after what it sent to %s took effect',
    async (destination) => {
      const { application, entries } = diary();
      const client = memoryBroker({}, { application }).connect();

      client.frame('SEND', { destination });
      client.lose();
      await turns(10);

      expect(entries).toHaveLength(2);
      expect(entries[1]).toBe('closed');
    },
  );

  test('comes after everything that was received before it was handled', async () => {
    const { application, entries } = diary();
    const broker = memoryBroker({}, { application });
    const client = broker.connect();

    client.frame('SEND', { destination: '/app/later' });
    client.frame('SEND', { destination: '/app/enter' }).lose();
    await turns(10);

    expect(entries).toEqual(['entered later', 'entered', 'closed']);
    expect(broker.ended).toHaveLength(1);
  });

  test('is told once after DISCONNECT as well, and leaves nothing open', async () => {
    const { application, entries } = diary();
    const broker = memoryBroker({}, { application });
    const client = broker.connect();

    client.frame('SUBSCRIBE', { id: '1', destination: '/app/slow' }).frame('DISCONNECT');
    client.lose();
    await turns(10);

    expect(entries).toEqual(['closed']);
    expect(broker.ended).toHaveLength(1);
  });
});

describe('input', () => {
  test('is no longer read while too many replies wait behind a commit', async () => {
    const { commit, engine } = slowEngine();
    const client = memoryBroker({ appendsMax: 3 }, { engine }).connect();
    client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });

    client.frame('SEND', { destination: '/topic/x' });
    for (let count = 0; count < 9; count += 1) client.frame('SEND', { destination: '/app/nobody' });

    expect(client.isPaused).toBe(true);
    await commit();
    expect(client.isPaused).toBe(false);
    expect(client.take()).toHaveLength(9);
  });

  test('goes on after the appends of others kept the engine busy', async () => {
    const { engine } = slowEngine();
    let pending = 1;
    const busy: Engine = Object.create(engine, { pending: { get: () => pending } });
    const broker = memoryBroker({ pendingAppendsMax: 1 }, { engine: busy });
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'r' });
    expect(client.take()).toEqual([]);

    pending = 0;
    broker.parts.budget.freed();

    expect(receipts(client.take())).toEqual(['r']);
  });

  test('is no longer read while too much of it waits for its commit', async () => {
    const { commit, engine, waiting } = slowEngine();
    const client = memoryBroker({ appendsMax: 2 }, { engine }).connect();

    for (let count = 0; count < 5; count += 1) client.frame('SEND', { destination: '/topic/x' });

    expect(waiting).toHaveLength(2);
    expect(client.isPaused).toBe(true);
    await commit(2);
    expect(waiting).toHaveLength(2);
    await commit(2);
    await commit(1);
    expect(client.isPaused).toBe(false);
  });

  test('is no longer read while too many bytes of it wait for their commit', async () => {
    const { commit, engine, waiting } = slowEngine();
    const client = memoryBroker({ appendBytesMax: 100 }, { engine }).connect();

    client.frame('SEND', { destination: '/topic/x' }, 'x'.repeat(100));
    client.frame('SEND', { destination: '/topic/x' }, 'y');

    expect(waiting).toHaveLength(1);
    expect(client.isPaused).toBe(true);
    await commit();
    expect(waiting).toHaveLength(1);
  });

  test('of all sessions waits while the engine is behind', async () => {
    const { commit, engine, waiting } = slowEngine();
    const broker = memoryBroker({ pendingAppendsMax: 1 }, { engine });
    const [ada, bob] = [broker.connect(), broker.connect()];

    ada.frame('SEND', { destination: '/topic/x', receipt: 'a' });
    bob.frame('SEND', { destination: '/topic/x', receipt: 'b' });
    expect(waiting).toHaveLength(1);
    expect(bob.isPaused).toBe(true);

    await commit();
    expect(waiting).toHaveLength(1);
    await commit();
    expect(bob.isPaused).toBe(false);
    expect(receipts(bob.take())).toEqual(['b']);
  });

  test('of all sessions waits while too many bytes wait for the engine', async () => {
    const { commit, engine, waiting } = slowEngine();
    const broker = memoryBroker({ pendingAppendBytes: 100 }, { engine });
    const [ada, bob] = [broker.connect(), broker.connect()];

    ada.frame('SEND', { destination: '/topic/x', receipt: 'a' }, 'x'.repeat(100));
    bob.frame('SEND', { destination: '/topic/x', receipt: 'b' });

    expect(waiting).toHaveLength(1);
    expect(bob.isPaused).toBe(true);
    await commit();
    await commit();
    expect(receipts(bob.take())).toEqual(['b']);
  });

  test('goes on after the appends of others were refused', async () => {
    const { engine, refuse } = slowEngine();
    const broker = memoryBroker({ pendingAppendsMax: 1 }, { engine });
    const [ada, bob] = [broker.connect(), broker.connect()];
    ada.frame('SEND', { destination: '/topic/x', receipt: 'a' });
    bob.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'r' });
    expect(bob.take()).toEqual([]);

    await refuse();

    expect(receipts(bob.take())).toEqual(['r']);
  });

  test('is held, not dropped, while a handler runs', async () => {
    let release = () => {};
    const application = new Application()
      .message('/wait', async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return { publish: [sendTo('/topic/x', 'first')] };
      })
      .message('/go', () => ({ publish: [sendTo('/topic/x', 'second')] }));
    const client = memoryBroker({}, { application }).connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });

    client.frame('SEND', { destination: '/app/wait', receipt: '1' });
    client.frame('SEND', { destination: '/app/go', receipt: '2' });
    await turns();
    expect(client.take()).toEqual([]);
    release();
    await turns(6);

    const frames = client.take();
    const bodies = frames.filter(({ command }) => command === 'MESSAGE').map(({ body }) => body);
    expect(bodies).toEqual(['"first"', '"second"']);
    expect(receipts(frames)).toEqual(['1', '2']);
  });
});
