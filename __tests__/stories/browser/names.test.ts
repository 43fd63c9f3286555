import { describe, expect, jest, test } from '@jest/globals';
import { enterRoom, expectLine, expectNotice, talk, useBrowser } from '../../support/browser.ts';
import { startProcess } from '../../support/start-process.ts';

jest.setTimeout(60_000);

describe('names on the page', () => {
  const { person } = useBrowser();

  test('do not change the direction of the surrounding words', async () => {
    const { url } = await startProcess('--port', '0');
    const [kim, lee] = [await person(), await person()];
    await enterRoom(lee, url, 'Lee', '7');

    await enterRoom(kim, url, 'שלום', '7');

    await expectNotice(lee, 'שלום님이 입장했습니다.');
    const notice = lee.getByTestId('notice').filter({ hasText: 'שלום' });
    expect(await notice.locator('bdi').textContent()).toBe('שלום');
    expect(await notice.textContent()).toBe('שלום님이 입장했습니다.');
  });

  test('that are invisible or change the text direction are refused', async () => {
    const { url } = await startProcess('--port', '0');
    const page = await person();
    await page.goto(`${url}/rooms/7`);

    for (const [name, problem] of [
      ['\u200b\u3164', '눈에 보이는 글자'],
      ['evil\u202egnp', '숨은 문자'],
    ] as const) {
      await page.getByTestId('name-input').fill(name);
      await page.getByTestId('enter-button').click();
      await page.getByText(problem).waitFor();
    }
    await page.getByTestId('name-input').fill('👩‍👩‍👧 می\u200cخواهم');
    await page.getByTestId('enter-button').click();

    await page.getByTestId('composer').waitFor();
  });
});

describe('a page with damaged storage', () => {
  const { person } = useBrowser();

  test.each(['1e999', '1e300'])(
    'opens its rooms despite a stored message with the time %s',
    async (time) => {
      const { url } = await startProcess('--port', '0');
      const page = await person();
      await page.goto(url);
      const item = `{"page":"gone","sender":"Kim","text":"lost","queuedAtMs":${time},"triedAtMs":null,"refusal":null}`;
      await page.evaluate((value) => localStorage.setItem('wschat.outbox/7/m-1', value), item);

      await enterRoom(page, url, 'Kim', '7');
      await talk(page, 'still here');

      await expectLine(page, 'still here');
    },
  );
});
