import { describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { enterRoom, expectLine, linesOf, talk, useBrowser } from '../../support/browser.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { keptIn, say } from '../../support/say.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { startProcess } from '../../support/start-process.ts';

jest.setTimeout(60_000);

const THREE = ['one', 'two', 'three'];

async function expectState(page: Page, state: string, count: number): Promise<void> {
  const messages = page.locator(`[data-testid=message][data-state=${state}]`);
  await messages.nth(count - 1).waitFor();
  expect(await messages.count()).toBe(count);
}

/** Blocks STOMP for all pages of a browser, and nothing else. Returns what unblocks it. */
async function withoutStomp(page: Page): Promise<() => Promise<void>> {
  const context = page.context();
  await context.route('**/websc/**', (route) => route.abort());
  return () => context.unroute('**/websc/**');
}

/** Records every chat message that a page sends, in order and with duplicates. */
function watchSends(page: Page, sent: string[]): void {
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      for (const [, text] of String(payload).matchAll(
        /\\"message\\":\\"(\w+)\\",\\"id\\":\\"\w+\\",\\"type\\":\\"TALK/g,
      ))
        sent.push(text ?? '');
    }),
  );
}

describe('a message written during an outage', () => {
  const { person } = useBrowser();

  test('of the network is sent after a reload, once and in order', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    await enterRoom(page, url, 'Kim', '7');
    await page.getByTestId('notice').first().waitFor();

    await page.context().setOffline(true);
    for (const text of THREE) await talk(page, text);
    await expectState(page, 'waiting', 3);
    await page.reload().catch(() => undefined); // there is no network to load it from
    await page.context().setOffline(false);
    await page.goto(`${url}/rooms/7`);
    await expectLine(page, 'three');

    expect(await linesOf(page)).toEqual(THREE);
    expect(await keptIn(url, '7')).toEqual(THREE);
  });

  test('of the network is sent when it is back, after what others said', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    await enterRoom(page, url, 'Kim', '7');
    await talk(page, 'before');
    await expectLine(page, 'before');

    await page.context().setOffline(true);
    for (const text of THREE) await talk(page, text);
    await expectState(page, 'waiting', 3);
    await say(url, '7', ['meanwhile']);
    await page.context().setOffline(false);
    await expectLine(page, 'three');

    expect(await linesOf(page)).toEqual(['before', 'meanwhile', ...THREE]);
    expect(await keptIn(url, '7')).toEqual(['before', 'meanwhile', ...THREE]);
  });

  test('of the server survives a reload, waits, and is sent', async () => {
    const folder = ['--data-dir', emptyFolder()];
    const server = await startProcess('--port', '0', ...folder);
    const [kim, lee] = [await person(), await person()];
    await enterRoom(kim, server.url, 'Kim', '7');
    await enterRoom(lee, server.url, 'Lee', '7');
    await talk(lee, 'before');
    await expectLine(kim, 'before');

    await server.stop('SIGTERM');
    await kim.getByTestId('connection-banner').waitFor();
    for (const text of THREE) await talk(kim, text);
    await expectState(kim, 'waiting', 3);
    const back = await withoutStomp(kim);
    await startProcess('--port', String(server.port), ...folder);
    await kim.reload();
    await expectState(kim, 'waiting', 3);
    await back();
    await expectLine(lee, 'three');
    await expectLine(kim, 'three');

    for (const page of [kim, lee]) expect(await linesOf(page)).toEqual(['before', ...THREE]);
    expect(await kim.evaluate(() => Object.keys(localStorage))).toEqual(['wschat.sender']);
  });

  test('is not published twice if it reached the server unanswered', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    let isDeaf = false;
    await page.routeWebSocket(/websc/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (!isDeaf) socket.send(message);
      });
    });
    await enterRoom(page, url, 'Kim', '7');
    await page.getByTestId('notice').first().waitFor();
    const lee = await person();
    await enterRoom(lee, url, 'Lee', '7');

    isDeaf = true;
    await talk(page, 'one');
    await talk(page, 'two');
    await expectLine(lee, 'one');
    await expectState(page, 'sending', 1);
    isDeaf = false;
    await page.reload();
    await expectLine(page, 'two');

    expect(await linesOf(page)).toEqual(['one', 'two']);
    expect(await keptIn(url, '7')).toEqual(['one', 'two']);
  });

  test('is sent once by two tabs, even if a closed tab left it behind', async () => {
    const { url } = await startProcess('--port', '0');
    const first = await person();
    const sent: string[] = [];
    watchSends(first, sent);
    await enterRoom(first, url, 'Kim', '7');
    const [second, third] = [
      await first.context().newPage(),
      await first.context().newPage(),
    ] as const;
    for (const page of [second, third]) watchSends(page, sent);
    const back = await withoutStomp(first);
    for (const page of [first, second, third]) await page.goto(`${url}/rooms/7`);

    for (const [page, text] of [
      [first, 'one'],
      [second, 'two'],
      [third, 'three'],
    ] as const) {
      await talk(page, text);
      await expectState(page, 'waiting', 1);
    }
    await third.close();
    await back();
    for (const page of [first, second]) for (const text of THREE) await expectLine(page, text);

    expect(sent.toSorted()).toEqual(THREE.toSorted());
    const kept = await keptIn(url, '7');
    expect(kept.toSorted()).toEqual(THREE.toSorted());
    for (const page of [first, second]) expect(await linesOf(page)).toEqual(kept);
  });

  test('belongs to the person who wrote it', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    const back = await withoutStomp(page);
    await enterRoom(page, url, 'Kim', '7');
    await talk(page, 'mine');
    await expectState(page, 'waiting', 1);

    await page.getByTestId('leave-room').click();
    await back();
    await enterRoom(page, url, 'Lee', '7');
    await talk(page, 'yours');
    await expectLine(page, 'yours');
    expect(await linesOf(page)).toEqual(['yours']);
    await enterRoom(page, url, 'Kim', '7');
    await expectLine(page, 'mine');

    expect(await linesOf(page)).toEqual(['yours', 'mine']);
  });
});

describe('a refused message', () => {
  const { person } = useBrowser();

  /** Puts an entry into the outbox storage as an earlier page would have left it. */
  async function leaveBehind(page: Page, id: string, text: string, queuedAtMs: number) {
    const said = { sender: 'Kim', text, queuedAtMs, triedAtMs: null, refusal: null };
    await page.evaluate(([key, value]) => localStorage.setItem(key, value), [
      `wschat.outbox/7/${id}`,
      JSON.stringify({ page: 'gone', ...said }),
    ] as const);
  }

  test('stays, blocks no other message, and can be sent again or discarded', async () => {
    const { url } = await startProcess('--port', '0');
    const client = await SocketClient.connect(url);
    for (const id of ['taken-1', 'taken-2']) {
      const other = { type: 'TALK', roomId: '7', sender: 'Park', message: `first ${id}`, id };
      await client.chat(other, id);
    }
    const page = await person();
    await page.goto(url);
    await leaveBehind(page, 'taken-1', 'again', 1);
    await leaveBehind(page, 'taken-2', 'never', 2);
    await leaveBehind(page, 'free', 'fine', 3);

    await enterRoom(page, url, 'Kim', '7');
    await expectLine(page, 'fine');
    await expectState(page, 'failed', 2);
    await page.reload();
    await expectState(page, 'failed', 2);
    const failed = (text: string) =>
      page.locator('[data-testid=message][data-state=failed]', { hasText: text });
    await failed('never').getByTestId('discard').click();
    await failed('again').getByTestId('retry').click();
    await expectLine(page, 'again');

    expect(await linesOf(page)).toEqual(['first taken-1', 'first taken-2', 'fine', 'again']);
    await say(url, '7', ['last']);
    await expectLine(page, 'last');
    await page.reload();
    await expectLine(page, 'last');
    expect(await linesOf(page)).toEqual([
      'first taken-1',
      'first taken-2',
      'fine',
      'again',
      'last',
    ]);
  });
});
