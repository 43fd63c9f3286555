import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../broker/config.ts';
import { type MemoryBroker, memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

function subscribe(client: MemoryTransport, patterns: readonly string[]): void {
  for (const [at, destination] of patterns.entries()) {
    client.frame('SUBSCRIBE', { id: `${destination} ${at}`, destination });
  }
}

const own = (count: number, name = 'u') =>
  Array.from({ length: count }, (_, at) => `/topic/${name}/${at}/*`);

/** A client with an address of its own. */
function from(broker: MemoryBroker, peer: string): MemoryTransport {
  return broker.connect({}, { peer });
}

function codeOf(client: MemoryTransport): string | undefined {
  return client.take().find(({ command }) => command === 'ERROR')?.headers.code;
}

/** Patterns that a destination of `a` segments visits completely: 2, 4, 8, … at each depth. */
function heavy(depth: number, start = '/topic'): string[] {
  let all = [start];
  for (let at = 0; at < depth; at += 1) all = all.flatMap((one) => [`${one}/a`, `${one}/*`]);
  return all.filter((one) => one.includes('*'));
}

describe('patterns', () => {
  test('are at most 100 in a session, and those that were given up do not count', () => {
    const client = memoryBroker().connect();
    subscribe(client, own(100));
    client.frame('UNSUBSCRIBE', { id: '/topic/u/0/* 0' });
    subscribe(client, ['/topic/one/more/*']);
    expect(client.closedWith).toBeNull();

    subscribe(client, ['/topic/one/too/many/*']);

    expect(codeOf(client)).toBe('TOO_MANY_PATTERNS');
  });

  test('of one address are bounded, and those of another one are not touched by that', () => {
    const broker = memoryBroker({ patternsPerAddressMax: 150 });
    const [one, two, other] = [from(broker, 'a'), from(broker, 'a'), from(broker, 'b')];

    subscribe(one, own(100));
    subscribe(two, own(51, 'v'));
    subscribe(other, own(51, 'v'));

    expect(one.closedWith).toBeNull();
    expect(codeOf(two)).toBe('TOO_MANY_PATTERNS');
    expect(other.closedWith).toBeNull();
  });

  test('count no more when their session has ended', async () => {
    const broker = memoryBroker({ patternsPerAddressMax: 100 });
    const client = broker.connect();
    subscribe(client, own(100));

    client.lose();
    await turns();

    expect(broker.parts.patterns.size).toBe(0);
    const next = broker.connect();
    subscribe(next, own(100));
    expect(next.closedWith).toBeNull();
  });
});

describe('patterns that fit the same names', () => {
  const settings: Partial<Config> = { patternMatchNodesMax: 128, patternsPerSessionMax: 1_000 };

  test('are refused where a name would visit too many of their segments', () => {
    const broker = memoryBroker(settings);
    const attackers = ['a', 'b', 'c', 'd', 'e', 'f'].map((peer) => from(broker, peer));

    for (const [at, attacker] of attackers.entries()) {
      subscribe(attacker, heavy(3, `/topic/**/${at}`));
      subscribe(attacker, heavy(3, `/topic/*/${at}`));
      subscribe(attacker, heavy(12, '/topic'));
    }
    const before = broker.index.patternNodesVisited;
    broker.index.subscribersOf(`/topic${'/a'.repeat(22)}/z`);
    broker.index.subscribersOf(`/topic/a/0/1/2/3/4/5${'/a'.repeat(12)}/z`);

    expect(attackers.map(codeOf)).toEqual(attackers.map(() => 'TOO_MANY_PATTERNS'));
    expect(broker.index.patternNodesVisited - before).toBeLessThanOrEqual(2 * 128);
  });

  test('of one address leave room for those of others', () => {
    const broker = memoryBroker(settings);
    const attackers = Array.from({ length: 20 }, () => from(broker, 'a'));
    for (const attacker of attackers) subscribe(attacker, heavy(8));
    expect(codeOf(attackers[0] ?? from(broker, 'a'))).toBe('TOO_MANY_PATTERNS');

    const other = from(broker, 'b');
    subscribe(other, ['/topic/**', '/topic/*/x/**', '/topic/a/b/*']);

    expect(other.closedWith).toBeNull();
  });

  test('are walked in the turn of the one who sends, and not again at the delivery', async () => {
    const broker = memoryBroker();
    const [listener, sender] = [broker.connect(), broker.connect()];
    subscribe(listener, ['/topic/**/a', '/topic/*/b']);
    const before = broker.index.patternNodesVisited;

    sender.frame('SEND', { destination: '/topic/x/b' }, 'x');
    const visited = broker.index.patternNodesVisited;
    await turns();

    expect(visited).toBeGreaterThan(before);
    expect(broker.index.patternNodesVisited).toBe(visited);
    expect(listener.take().map(({ body }) => body)).toEqual(['x']);
  });
});
