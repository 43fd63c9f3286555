import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { expectAll, oldStore } from '../broker/engine/old-stores.ts';
import { killAtChange } from '../support/start-process.ts';

describe('a server that is killed while it converts a store', () => {
  test('has lost nothing of it, whenever that was', async () => {
    let killed = 0;
    for (const count of [1, 3, 6, 10]) {
      const folder = oldStore('format-2-killed');
      if (await killAtChange(folder, count)) killed += 1;

      await expectAll(folder);
      expect(readdirSync(folder).sort()).toEqual(['rooms.mdb', 'rooms.mdb-lock']);
    }
    expect(killed).toBeGreaterThan(0);
  });
});
