import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const ARGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  // Chromium refuses to run as root with its sandbox.
  '--no-sandbox',
];

/** Where screenshots go: a folder of its own, or the one that is named. */
export const screenshotFolder = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'stomping-'));

/** Debian's Chromium for the tests of a file; each person is a browser profile of their own. */
export function useBrowser(): {
  /** A page of someone who was never here; errors on its console fail the test. */
  person(options?: BrowserContextOptions): Promise<Page>;
} {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(`the page reported: ${found.join('\n')}`);
  });
  afterAll(async () => {
    await browser?.close();
  });

  return {
    async person(options = {}) {
      if (browser === undefined) throw new Error('the browser is not there yet');
      const viewport = { width: 1_280, height: 800 };
      const context = await browser.newContext({ locale: 'ko-KR', viewport, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(String(error)));
      return page;
    },
  };
}

/** Goes to the lobby, gives a name, and opens a room by its number. */
export async function enterRoom(
  page: Page,
  url: string,
  name: string,
  roomId: string,
): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByTestId('name-input').fill(name);
  await page.getByTestId('open-room-input').fill(roomId);
  await page.getByTestId('open-room-button').click();
  await page.getByTestId('composer').waitFor();
}

export async function talk(page: Page, text: string): Promise<void> {
  await page.getByTestId('composer').fill(text);
  await page.getByTestId('composer').press('Enter');
}

/** Waits until a line with this text is there, and was accepted if it is one's own. */
export async function expectLine(page: Page, text: string): Promise<void> {
  await page.locator('[data-testid=message][data-state=sent]', { hasText: text }).first().waitFor();
}

export async function expectNotice(page: Page, text: string): Promise<void> {
  await page.getByTestId('notice').filter({ hasText: text }).first().waitFor();
}

/** The lines of the room, in order. */
export async function linesOf(page: Page): Promise<string[]> {
  return page.getByTestId('message-text').allTextContents();
}
