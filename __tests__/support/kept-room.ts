import { expect } from '@jest/globals';
import { type Config, resolveConfig } from '../../broker/config.ts';
import type { Ends } from '../../broker/engine/engine.ts';
import { MemoryEngine } from '../../broker/engine/memory-engine.ts';
import { FakeClock } from './fake-clock.ts';
import { memoryBroker } from './memory-broker.ts';
import type { MemoryTransport } from './memory-transport.ts';
import { turns } from './turns.ts';

export const ROOM = '/topic/kept/7';

export type When = 'at once' | 'a turn late' | 'before it is delivered';

/** Its history tells what was a turn ago, or tells before it delivers. */
function engineThat(tells: When, settings: Partial<Config>): MemoryEngine {
  const engine = new MemoryEngine({
    clock: new FakeClock(),
    keeps: (destination) => destination === ROOM,
    limits: resolveConfig(settings),
    overheadBytes: 0,
  });
  const [read, start] = [engine.history.bind(engine), engine.start.bind(engine)];
  if (tells === 'a turn late') {
    engine.history = async (query) => {
      const page = await read(query);
      await turns(1);
      return page;
    };
  }
  if (tells === 'before it is delivered') {
    const endsOf = engine.ends.bind(engine);
    let ends: Ends = { head: 0, oldest: 1 };
    engine.ends = () => ends;
    const resolve = engine.resolve.bind(engine);
    engine.resolve = (destination, position) =>
      position.offset > ends.head + 1 ? 'foreign' : resolve(destination, position);
    engine.start = (deliver) =>
      start((batch) => {
        const committed = endsOf(ROOM) ?? ends;
        // Meanwhile there is more that is committed and not delivered.
        void turns(3).then(() => {
          ends = committed;
          void deliver(batch);
        });
      });
  }
  return engine;
}

/** A room in which each message is its position. */
export function keptRoom(settings: Partial<Config> = {}, tells: When = 'at once') {
  const engine = engineThat(tells, settings);
  const broker = memoryBroker(settings, { engine });
  const talker = broker.connect();
  let [asked, said] = [0, 0];
  const read = engine.history.bind(engine);
  engine.history = (query) => {
    asked += 1;
    return read(query);
  };
  /** Nothing of it is committed before the turn ends. */
  const say = (count: number, length = 0) => {
    for (let more = 0; more < count; more += 1) {
      said += 1;
      talker.frame('SEND', { destination: ROOM }, `${said} `.padEnd(length, '.'));
    }
  };
  const join = (start: string, more: Record<string, string> = {}) => {
    const client = broker.connect();
    const headers = { id: 's', destination: ROOM, receipt: 'r', 'x-stream-offset': start };
    client.frame('SUBSCRIBE', { ...headers, ...more });
    return client;
  };
  return { asked: () => asked, engine, join, said: () => said, say };
}

/** What a client was told so far: of each MESSAGE its position, which its body has to be as well. */
export function told(client: MemoryTransport): string[] {
  return client.take().map(({ body, command, headers }) => {
    if (command === 'RECEIPT') return `RECEIPT ${headers['x-recovered']}`;
    if (command !== 'MESSAGE') return `${command} ${headers.code}`;
    expect(headers['x-stream-offset']).toBe(`${Number.parseInt(body, 10)}`);
    return `${headers['x-stream-offset']}`;
  });
}

export function positions(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`);
}
