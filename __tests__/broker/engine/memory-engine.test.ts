import { describe, expect, test } from '@jest/globals';
import type { Publication } from '../../../broker/engine/engine.ts';
import { turns } from '../../support/turns.ts';
import { entry, memoryEngine, textsOf } from './memory-store.ts';

describe('the memory engine', () => {
  test('commits once per turn: what came in one goes out in one batch', async () => {
    const batches: (readonly Publication[])[] = [];
    const engine = memoryEngine();
    await engine.start((batch) => void batches.push(batch));

    void engine.append([entry('1')]);
    void engine.append([entry('2'), entry('3')]);
    const during = batches.length;
    await turns(1);
    void engine.append([entry('4')]);
    await turns(1);

    expect(during).toBe(0);
    expect(batches.map(({ length }) => length)).toEqual([3, 1]);
  });

  test('delivers before it tells the sender', async () => {
    const order: string[] = [];
    const engine = memoryEngine();
    await engine.start(() => void order.push('delivered'));

    await engine.append([entry('1')]).then(() => order.push('told'));

    expect(order).toEqual(['delivered', 'told']);
  });

  test('commits in a later turn what is appended during a delivery', async () => {
    const engine = memoryEngine();
    const texts: string[] = [];
    await engine.start((batch) => {
      texts.push(...batch.map(({ message }) => message.body.toString()));
      if (texts.length < 3) void engine.append([entry(`after ${texts.length}`)]);
    });

    await engine.append([entry('first')]);
    const pending = engine.pending;
    await turns(3);

    expect(pending).toBe(1);
    expect(texts).toEqual(['first', 'after 1', 'after 2']);
    expect(engine.pending).toBe(0);
  });

  test('commits without anyone to deliver to', async () => {
    const engine = memoryEngine();

    await engine.append([entry('1')]);

    expect(await textsOf(engine)).toEqual(['1']);
  });

  test('delivers nothing for a turn of duplicates', async () => {
    const batches: (readonly Publication[])[] = [];
    const engine = memoryEngine();
    await engine.start((batch) => void batches.push(batch));
    const once = entry('1', { deduplication: { id: 'a', digest: 'd' } });
    await engine.append([once]);

    await engine.append([once]);

    expect(batches).toHaveLength(1);
  });
});

describe('streamsMax', () => {
  const at = (destination: string) => entry('x', { destination });

  test('refuses a message to one destination too many', async () => {
    const engine = memoryEngine({ streamsMax: 2 });
    await engine.append([at('/a'), at('/b')]);

    const outcome = await engine.append([at('/c')]);

    expect(outcome).toMatchObject({ type: 'refused', code: 'STORE_FULL' });
  });

  test('takes what comes to those that are there', async () => {
    const engine = memoryEngine({ streamsMax: 2 });
    await engine.append([at('/a'), at('/b')]);

    const outcome = await engine.append([at('/a'), at('/b'), at('/b')]);

    expect(outcome).toMatchObject({ entries: [{ offset: 2 }, { offset: 2 }, { offset: 3 }] });
  });

  test('refuses the whole list, and opens nothing', async () => {
    const engine = memoryEngine({ streamsMax: 2 });
    await engine.append([at('/a')]);

    const whole = await engine.append([at('/a'), at('/b'), at('/c')]);
    const part = await engine.append([at('/c')]);

    expect(whole).toMatchObject({ type: 'refused', code: 'STORE_FULL' });
    expect(part).toMatchObject({ entries: [{ offset: 1 }] });
    expect(await textsOf(engine, '/a')).toHaveLength(1);
  });

  test('counts a destination once in a list', async () => {
    const engine = memoryEngine({ streamsMax: 1 });

    const outcome = await engine.append([at('/a'), at('/a')]);

    expect(outcome).toMatchObject({ entries: [{ offset: 1 }, { offset: 2 }] });
  });

  test('does not count what is not kept', async () => {
    const engine = memoryEngine({ streamsMax: 1 }, { keeps: (place) => place.startsWith('/a') });
    await engine.append([at('/a')]);

    const outcome = await engine.append([
      at('/b'),
      entry('x', { destination: '/a2', isEphemeral: true }),
    ]);

    expect(outcome).toMatchObject({ entries: [{ offset: null }, { offset: null }] });
  });
});
