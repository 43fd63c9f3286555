import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import {
  enterRoom,
  expectLine,
  expectNotice,
  linesOf,
  screenshotFolder,
  talk,
  useBrowser,
} from '../../support/browser.ts';
import { startProcess } from '../../support/start-process.ts';

jest.setTimeout(60_000);

describe('two people in a room', () => {
  const { person } = useBrowser();

  test('see each other enter and talk, before and after the server was killed', async () => {
    const server = await startProcess('--port', '0');
    const [kim, lee] = [await person(), await person({ locale: 'en-US' })];
    await enterRoom(kim, server.url, '김하나', '7');
    await enterRoom(lee, server.url, 'Lee', '7');

    await expectNotice(kim, 'Lee님이 입장했습니다.');
    await talk(kim, '안녕하세요');
    await expectLine(lee, '안녕하세요');
    await talk(lee, 'hello <b>there</b>');
    await expectLine(kim, 'hello <b>there</b>');
    await kim.getByTestId('people-count').filter({ hasText: '2' }).waitFor();

    await server.stop('SIGKILL');
    await kim.getByTestId('connection-banner').waitFor();
    await kim.getByTestId('composer').fill('written while away');
    const again = await startProcess('--port', String(server.port));
    for (const page of [kim, lee])
      await page.getByTestId('connection-banner').waitFor({ state: 'detached' });

    expect(await kim.getByTestId('composer').inputValue()).toBe('written while away');
    await kim.getByTestId('composer').press('Enter');
    await expectLine(lee, 'written while away');
    await talk(lee, 'welcome back');
    await expectLine(kim, 'welcome back');
    expect(await linesOf(kim)).toEqual([
      '안녕하세요',
      'hello <b>there</b>',
      'written while away',
      'welcome back',
    ]);
    await again.stop('SIGTERM');
  });

  test('lose nothing that they write while the server is down', async () => {
    const server = await startProcess('--port', '0');
    const [kim, lee] = [await person(), await person()];
    await enterRoom(kim, server.url, 'Kim', '7');
    await enterRoom(lee, server.url, 'Lee', '7');
    await expectNotice(kim, 'Lee님이');

    await server.stop('SIGTERM');
    await kim.getByTestId('connection-banner').waitFor();
    for (const text of ['one', 'two', 'three']) await talk(kim, text);
    await startProcess('--port', String(server.port));

    await expectLine(kim, 'three');
    expect(await linesOf(kim)).toEqual(['one', 'two', 'three']);
  });

  test('count as one person in two tabs, and disappear when they leave', async () => {
    const server = await startProcess('--port', '0', '--gather-ms', '20');
    const [kim, lee] = [await person(), await person()];
    await enterRoom(kim, server.url, 'Kim', '7');
    const second = await kim.context().newPage();
    await enterRoom(second, server.url, 'Kim', '7');
    await enterRoom(lee, server.url, 'Lee', '7');

    await lee.getByTestId('people-count').filter({ hasText: '2' }).waitFor();
    await kim.getByTestId('leave-room').click();
    await second.getByTestId('leave-room').click();

    await lee.getByTestId('people-count').filter({ hasText: '1' }).waitFor();
    await kim
      .getByTestId('room-item')
      .locator('[data-testid=room-people-count]', { hasText: '1' })
      .waitFor();
  });
});

describe('the page', () => {
  const { person } = useBrowser();

  test('opens a shared address and asks for a name', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();

    await page.goto(`${url}/rooms/7`);
    await page.getByTestId('name-input').fill('Kim');
    await page.getByTestId('name-input').press('Enter');

    await expectNotice(page, 'Kim님이 입장했습니다.');
    expect(await page.evaluate(() => localStorage.getItem('wschat.sender'))).toBe('Kim');
  });

  test('takes the whole text, however fast Enter follows', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();

    for (const roomId of ['12345', '67890', '24680']) {
      await page.goto(`${url}/`);
      await page.getByTestId('name-input').fill('Kim');
      await page.getByTestId('open-room-input').focus();
      await page.keyboard.type(roomId);
      await page.keyboard.press('Enter');
      await page.getByTestId('composer').waitFor();
      expect(new URL(page.url()).pathname).toBe(`/rooms/${roomId}`);
    }
  });

  test('is in Korean or English, depending on the browser', async () => {
    const { url } = await startProcess('--port', '0');
    const languages: (string | null)[] = [];

    for (const locale of ['ko-KR', 'en-GB', 'fr-FR']) {
      const page = await person({ locale });
      await page.goto(url);
      languages.push(await page.locator('html').getAttribute('lang'));
    }

    expect(languages).toEqual(['ko', 'en', 'en']);
  });

  test('works with the keyboard alone', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    await page.goto(url);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
    const tabTo = async (id: string) => {
      for (let tries = 0; tries < 20 && (await focused()) !== id; tries += 1)
        await page.keyboard.press('Tab');
      expect(await focused()).toBe(id);
    };

    await tabTo('name-input');
    await page.keyboard.type('Kim');
    await tabTo('create-room-input');
    await page.keyboard.type('책 모임');
    await page.keyboard.press('Enter');
    await page.getByTestId('composer').waitFor();
    await tabTo('composer');
    await page.keyboard.type('first');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second');
    await page.keyboard.press('Enter');

    await expectLine(page, 'first');
    expect(await linesOf(page)).toEqual(['first\nsecond']);
  });

  test('sends a Korean text once and in full when Enter ends its composition', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    await enterRoom(page, url, 'Kim', '7');
    const devTools = await page.context().newCDPSession(page);
    await page.getByTestId('composer').focus();

    for (const text of ['ㅇ', '아', '안', '안녀', '안녕']) {
      await devTools.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    }
    const enter = { key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 };
    await devTools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await devTools.send('Input.insertText', { text: '안녕' });
    await devTools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter, key: 'Enter' });
    await expectLine(page, '안녕');
    await talk(page, 'after');
    await expectLine(page, 'after');

    expect(await linesOf(page)).toEqual(['안녕', 'after']);
  });

  test('fits a phone, and is captured in screenshots', async () => {
    const { url } = await startProcess('--port', '0');
    const [wide, narrow] = [
      await person(),
      await person({ viewport: { width: 360, height: 740 } }),
    ];
    await wide.goto(url);
    await wide.getByTestId('name-input').fill('김하나');
    await wide.getByTestId('create-room-input').fill('책 읽는 모임');
    await wide.getByTestId('create-room-button').click();
    await wide.getByTestId('composer').waitFor();
    await narrow.goto(url);
    await narrow.getByTestId('name-input').fill('Lee');
    await narrow.getByTestId('room-item').first().click();
    await narrow.getByTestId('composer').waitFor();
    await talk(wide, '오늘 몇 시에 볼까요?');
    await expectLine(narrow, '오늘');
    await talk(narrow, 'seven, at the <b>usual</b> place');
    await expectLine(wide, 'usual');

    const capture = async (page: typeof wide, name: string) => {
      const path = join(screenshotFolder, `${name}.png`);
      await page.screenshot({ path });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      expect(statSync(path).size).toBeGreaterThan(5_000);
    };
    await capture(wide, 'room');
    await capture(narrow, 'room-phone');
    await wide.getByTestId('leave-room').click();
    await wide.getByTestId('room-item').first().waitFor();
    await capture(wide, 'lobby');
  });
});
