import { describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  enterRoom,
  expectLine,
  expectNotice,
  linesOf,
  talk,
  useBrowser,
} from '../../support/browser.ts';
import { cuttingProxy } from '../../support/cutting-proxy.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { numbered, say } from '../../support/say.ts';
import { startProcess } from '../../support/start-process.ts';

jest.setTimeout(60_000);

/** Scrolls the list, and returns the position of a line in the window at that moment. */
async function scrollTo(page: Page, top: number, text: string): Promise<number> {
  return page.getByTestId('messages').evaluate(
    (box, { text, top }) => {
      box.scrollTop = top;
      const line = [...box.querySelectorAll('[data-testid=message-text]')].find(
        ({ textContent }) => textContent === text,
      );
      return line?.getBoundingClientRect().top ?? Number.NaN;
    },
    { text, top },
  );
}

async function topOf(page: Page, text: string): Promise<number> {
  const box = await page.getByTestId('message-text').getByText(text, { exact: true }).boundingBox();
  return box?.y ?? Number.NaN;
}

async function expectTop(page: Page, state: string): Promise<void> {
  await page.locator(`[data-testid=history-top][data-top=${state}]`).waitFor();
}

/** Records the starts that the page requests for the room, and the messages that arrive. */
function watchFrames(page: Page): { readonly starts: string[]; readonly messages: string[] } {
  const watched = { starts: [] as string[], messages: [] as string[] };
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const start = /SUBSCRIBE.*x-stream-offset:([a-z]+=\d+)/.exec(String(payload))?.[1];
      if (start !== undefined) watched.starts.push(start);
    });
    socket.on('framereceived', ({ payload }) => {
      for (const [, text] of String(payload).matchAll(/\\"message\\":\\"(m\d+)\\"/g))
        watched.messages.push(text ?? '');
    });
  });
  return watched;
}

describe('the history of a room', () => {
  const { person } = useBrowser();

  test('begins with the newest page and loads older ones while scrolling up, without a jump', async () => {
    const { url } = await startProcess('--port', '0', '--chat-rate', '0');
    await say(url, '7', numbered(170));
    const page = await person();
    await enterRoom(page, url, 'Kim', '7');
    await expectNotice(page, 'Kim님이 입장했습니다.');
    expect(await linesOf(page)).toEqual(numbered(50, 121));

    for (const [top, text, first] of [
      [300, 'm130', 'm71'],
      [0, 'm72', 'm21'],
    ] as const) {
      const before = await scrollTo(page, top, text);
      await expectLine(page, first);
      expect(Math.abs((await topOf(page, text)) - before)).toBeLessThanOrEqual(1);
    }
    await say(url, '7', ['new']);
    await page.getByTestId('new-messages').filter({ hasText: '1' }).waitFor();
    await scrollTo(page, 0, 'm21');
    await expectTop(page, 'beginning');

    expect(await linesOf(page)).toEqual([...numbered(170), 'new']);
  });

  test('is requested again after it could not be loaded', async () => {
    const { url } = await startProcess('--port', '0', '--chat-rate', '0');
    await say(url, '7', numbered(60));
    const page = await person();
    const pages = '**/api/rooms/7/messages?*';
    await page.route(pages, (route) => route.abort());
    await enterRoom(page, url, 'Kim', '7');
    await expectNotice(page, 'Kim님이 입장했습니다.');

    await scrollTo(page, 0, 'm11');
    await expectTop(page, 'failed');
    await page.unroute(pages);
    await page.getByTestId('retry-older').click();
    await expectTop(page, 'beginning');

    expect(await linesOf(page)).toEqual(numbered(60));
  });

  test('fills the window and shows where it begins', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();

    await enterRoom(page, url, 'Kim', '7');
    await expectTop(page, 'beginning');
    await talk(page, 'first');
    await expectLine(page, 'first');

    expect(await page.getByTestId('notice').allTextContents()).toEqual(['Kim님이 입장했습니다.']);
  });
});

describe('an outage', () => {
  const { person } = useBrowser();

  test('is followed by the missed messages, once and in order, and by nothing else', async () => {
    const server = await startProcess('--port', '0', '--chat-rate', '0');
    let isDown = false;
    const { port } = await cuttingProxy(server.port, () => (isDown ? 'cut' : 'pass'));
    await say(server.url, '7', numbered(60));
    const page = await person();
    const watched = watchFrames(page);
    await enterRoom(page, `http://127.0.0.1:${port}`, 'Kim', '7');
    await expectLine(page, 'm60');

    isDown = true;
    await say(server.url, '7', numbered(80, 61));
    await page.getByTestId('connection-banner').waitFor();
    isDown = false;
    await expectLine(page, 'm140');

    expect(await linesOf(page)).toEqual(numbered(130, 11));
    expect(watched.starts).toEqual(['last=50', expect.stringMatching(/^offset=\d+$/)]);
    expect(new Set(watched.messages).size).toBe(watched.messages.length);
  });

  test.each([
    ['ko-KR', '이 사이의 메시지 일부는 서버에 남아 있지 않아 표시할 수 없습니다.'],
    ['en-US', 'Some messages are missing here, because the server no longer has them.'],
  ])('that outlasts the history shows a gap and the newest page (%s)', async (locale, gap) => {
    const bounds = ['--history-count', '20', '--chat-rate', '0'];
    const server = await startProcess('--port', '0', ...bounds);
    let isDown = false;
    const { port } = await cuttingProxy(server.port, () => (isDown ? 'cut' : 'pass'));
    const page = await person({ locale });
    await enterRoom(page, `http://127.0.0.1:${port}`, 'Kim', '7');
    await talk(page, 'before');
    await expectLine(page, 'before');

    isDown = true;
    await say(server.url, '7', numbered(200));
    await page.getByTestId('connection-banner').waitFor();
    isDown = false;
    await expectLine(page, 'm200');

    expect(await page.getByTestId('gap').allTextContents()).toEqual([gap]);
    const [first, ...rest] = await linesOf(page);
    expect(first).toBe('before');
    expect(rest).toEqual(numbered(rest.length, 201 - rest.length));
    await talk(page, 'after');
    await expectLine(page, 'after');
  });

  test('after which the store is empty shows a gap', async () => {
    const memory = ['--engine', 'memory'];
    const server = await startProcess('--port', '0', ...memory);
    const page = await person();
    await enterRoom(page, server.url, 'Kim', '7');
    await talk(page, 'before');
    await expectLine(page, 'before');

    await server.stop('SIGKILL');
    await page.getByTestId('connection-banner').waitFor();
    await startProcess('--port', String(server.port), ...memory);
    await page.getByTestId('gap').waitFor();
    await talk(page, 'after');
    await expectLine(page, 'after');

    expect(await linesOf(page)).toEqual(['before', 'after']);
  });

  test('during a restart of the server loses nothing', async () => {
    const folder = ['--data-dir', emptyFolder()];
    const server = await startProcess('--port', '0', ...folder);
    const [kim, lee] = [await person(), await person()];
    await enterRoom(kim, server.url, 'Kim', '7');
    await enterRoom(lee, server.url, 'Lee', '7');
    await talk(kim, 'before');
    await expectLine(lee, 'before');

    await server.stop('SIGKILL');
    await kim.getByTestId('connection-banner').waitFor();
    await talk(kim, 'while away');
    await startProcess('--port', String(server.port), ...folder);
    await expectLine(lee, 'while away');
    await expectLine(kim, 'while away');

    for (const page of [kim, lee]) {
      expect(await linesOf(page)).toEqual(['before', 'while away']);
      expect(await page.getByTestId('gap').count()).toBe(0);
    }
  });
});
