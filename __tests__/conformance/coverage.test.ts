import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** How many items each part of the checklist has: framing, connecting, heart-beat, … */
const ITEMS = { F: 28, C: 15, H: 10, K: 27, S: 15, W: 5 };

/** What STOMP asks of clients, and what of it is a server's to answer: that is what is tested. */
const OF_CLIENTS = {
  C2: 'a CONNECT has accept-version and host: without the first it speaks 1.0',
  C5: 'a CONNECT may have login, passcode and heart-beat: they are taken',
  K6: 'the ids of subscriptions differ: one that is taken is an ERROR',
  K16: "NACK says what was not processed: what that does is the server's to define",
  K19: 'the names of transactions differ: one that is open is an ERROR',
  K22: 'DISCONNECT asks for a receipt and waits for it: it comes, then the end',
  K23: 'nothing follows a DISCONNECT: what does is not looked at',
  K25: 'any frame but CONNECT may ask for a receipt: each gets it',
};

const IDS = Object.entries(ITEMS).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, at) => `${part}${at + 1}`),
);

/** The ids in the names of all tests of this folder. */
function testedIds(): Set<string> {
  const files = readdirSync('__tests__/conformance').filter((file) => file.endsWith('.test.ts'));
  const sources = files.map((file) => readFileSync(`__tests__/conformance/${file}`, 'utf8'));
  const names = sources.join('\n').matchAll(/['"`]([A-Z]\d+) \((?:STOMP|RFC) [\d.%s]+, \\?"/g);
  return new Set([...names].map(([, id = '']) => id));
}

test('every item of the checklist has a test that is named by it', () => {
  const tested = testedIds();

  expect(IDS.filter((id) => !tested.has(id))).toEqual([]);
  expect([...tested].filter((id) => !IDS.includes(id))).toEqual([]);
  expect(IDS).toHaveLength(100);
});

test("what is asked of clients is tested by the server's answer to it", () => {
  const tested = testedIds();

  expect(Object.keys(OF_CLIENTS).filter((id) => !tested.has(id))).toEqual([]);
});
