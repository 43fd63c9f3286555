import { afterEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { resolveConfig } from '../../../broker/config.ts';
import type { Engine } from '../../../broker/engine/engine.ts';
import { MemoryEngine } from '../../../broker/engine/memory-engine.ts';
import { messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { ReceivedFrame } from '../../support/parse-frames.ts';
import { turns } from '../../support/turns.ts';

const ROOM = '/topic/kept/7';

afterEach(() => {
  jest.restoreAllMocks();
});

function keepingEngine(): Engine {
  return new MemoryEngine({
    clock: new FakeClock(),
    keeps: (destination) => destination === ROOM,
    limits: resolveConfig({}),
    overheadBytes: 0,
  });
}

/** An engine that answers with the history as it was a turn ago. */
function lateHistory(): Engine {
  const engine = keepingEngine();
  const read = engine.history.bind(engine);
  engine.history = async (query) => {
    const page = await read(query);
    await turns(1);
    return page;
  };
  return engine;
}

/** An engine that delivers a turn after the history has the messages. */
function lateDelivery(): Engine {
  const engine = keepingEngine();
  const start = engine.start.bind(engine);
  engine.start = (deliver) => start((batch) => void setImmediate(() => void deliver(batch)));
  return engine;
}

/** A clock by which every turn of a delivery is over at the first look. */
function slowTurns(): Engine {
  const engine = keepingEngine();
  const start = engine.start.bind(engine);
  const clock = jest.spyOn(FakeClock.prototype, 'monotonic');
  engine.start = (deliver, host) => {
    return start((batch) => {
      let now = 0;
      clock.mockImplementation(() => (now += 20));
      const delivering = deliver(batch);
      clock.mockImplementation(() => 0);
      return delivering;
    }, host);
  };
  return engine;
}

type Step = 'talk' | 'ack oldest' | 'ack newest' | 'turn' | 'stick' | 'drain';
const step = fc.constantFrom<Step>(
  ...(['talk', 'talk', 'talk', 'ack oldest', 'ack newest', 'turn', 'turn', 'stick'] as const),
  ...(['drain', 'drain'] as const),
);

test.each([
  ['at once', keepingEngine],
  ['late', lateHistory],
  ['before it is delivered', lateDelivery],
  ['before a pause of the delivery', slowTurns],
])(
  'a window on a room brings each message once, in order, with a history that tells %s',
  async (_when, createEngine) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (steps, window, isCumulative) => {
          const broker = memoryBroker({}, { engine: createEngine() });
          const [client, talker] = [broker.connect(), broker.connect()];
          // So many that a delivery to them is spread over several turns.
          for (let others = 0; others < 70; others += 1) {
            broker.connect().frame('SUBSCRIBE', { id: 's', destination: ROOM });
          }
          const ack = isCumulative ? 'client' : 'client-individual';
          const headers = { id: 's', destination: ROOM, ack, 'prefetch-count': `${window}` };
          client.frame('SUBSCRIBE', headers);
          const [got, sent]: string[][] = [[], []];
          let open: ReceivedFrame[] = [];
          const look = () => {
            const messages = messagesOf(client);
            got?.push(...messages.map(({ body }) => body));
            open.push(...messages);
            expect(open.length).toBeLessThanOrEqual(window);
          };
          const settle = (at: number) => {
            const message = open.at(at);
            if (message === undefined) return;
            const place = open.indexOf(message);
            open = open.filter((_one, other) => (isCumulative ? other > place : other !== place));
            client.frame('ACK', nameOf(message));
          };
          const run = async (todo: Step) => {
            if (todo === 'talk') sent?.push(String(sent.length));
            if (todo === 'talk') send(talker, ROOM, sent?.at(-1) ?? '');
            if (todo === 'ack oldest') settle(0);
            if (todo === 'ack newest') settle(-1);
            if (todo === 'turn') await turns(1);
            if (todo === 'stick') client.isStuck = true;
            if (todo === 'drain') client.drain();
            look();
          };

          for (const todo of steps) await run(todo);
          client.isStuck = false;
          client.drain();
          await turns(4);
          look();
          while (open.length > 0) {
            settle(0);
            await turns(4);
            look();
          }

          expect(got).toEqual(sent);
          expect(client.closedWith).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  },
);
