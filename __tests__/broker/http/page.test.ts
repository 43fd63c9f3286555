import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../../support/empty-folder.ts';
import { startServer } from '../../support/start-server.ts';
import { ask } from '../transport/raw-http.ts';

function builtPage(): string {
  const folder = emptyFolder();
  const html = '<!doctype html><meta name="stomping-ground" content="" />';
  writeFileSync(join(folder, 'index.html'), html);
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  return folder;
}

describe('the page', () => {
  test('has its settings at each of its paths', async () => {
    const { url } = await startServer({}, { pageFolder: builtPage() });

    for (const path of ['/', '/rooms/7', '/rooms/index.html']) {
      const { status, text } = await ask(url, { path });
      expect([status, text]).toEqual([200, expect.stringContaining('&quot;endpoint&quot;')]);
    }
    expect((await ask(url, { path: '/icon.svg' })).status).toBe(200);
  });

  test.each([
    '/index.html',
    '/index.html?x',
    '//index.html',
    '/index%2ehtml',
    '/%69ndex.html',
    '/./index.html',
    '/assets/../index.html',
    '/%',
  ])('is not served without them, as at %s', async (path) => {
    const { url } = await startServer({}, { pageFolder: builtPage() });

    const { status, text } = await ask(url, { path });

    expect([400, 403, 404]).toContain(status);
    expect(text).not.toContain('<meta');
  });

  test('is not found at /index.html', async () => {
    const { url } = await startServer({}, { pageFolder: builtPage() });

    expect((await ask(url, { path: '/index.html' })).status).toBe(404);
  });
});
