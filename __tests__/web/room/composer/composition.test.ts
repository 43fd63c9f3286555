import { describe, expect, test } from '@jest/globals';
import {
  afterComposition,
  type CompositionEvent,
  type CompositionPhase,
} from '../../../../web/room/composer/composition.ts';

const start: CompositionEvent = { type: 'composition-start' };
const end = (text = '글'): CompositionEvent => ({ type: 'composition-end', text });
const enter: CompositionEvent = { type: 'enter', isFromIme: false, withShift: false };
const imeEnter: CompositionEvent = { type: 'enter', isFromIme: true, withShift: false };
const shiftEnter: CompositionEvent = { type: 'enter', isFromIme: false, withShift: true };
const repeated: CompositionEvent = { type: 'enter-repeated' };
const released: CompositionEvent = { type: 'enter-released' };
const key: CompositionEvent = { type: 'other-key' };
const button: CompositionEvent = { type: 'button' };
const lineBreak: CompositionEvent = { type: 'line-break' };
const input: CompositionEvent = { type: 'input' };
const sent: CompositionEvent = { type: 'sent' };

/** Feeds the events to the state machine; counts the sends and lists the swallowed events. */
function run(...events: CompositionEvent[]) {
  let phase: CompositionPhase = 'plain';
  let sends = 0;
  const swallowed: string[] = [];
  for (const event of events) {
    const step = afterComposition(phase, event);
    phase = step.phase;
    if (step.action === 'send' || step.action === 'send-soon') sends += 1;
    if (step.action === 'swallow') swallowed.push(event.type);
  }
  return { phase, sends, swallowed };
}

describe('one Enter in a Korean composition sends once', () => {
  test.each([
    ['Chrome on Windows', [start, key, imeEnter, end(), sent, released]],
    [
      'Chrome on Windows, with a line-break event',
      [start, imeEnter, end(), lineBreak, sent, released],
    ],
    ['the same with a late line break', [start, imeEnter, end(), sent, lineBreak, released]],
    ['Chrome on macOS', [start, key, imeEnter, end(), enter, sent, released]],
    ['Chrome on macOS with a late second keydown', [start, imeEnter, end(), sent, enter, released]],
    ['macOS, not marked as composing', [start, key, enter, end(), sent, released]],
    [
      'Firefox, with its input event after the end',
      [start, imeEnter, end(), input, sent, released],
    ],
    ['Safari', [start, key, end(), imeEnter, released]],
    ['ibus and Android', [start, key, end(), enter, released]],
    ['an end without its text', [start, imeEnter, end(''), sent, released]],
    ['a composed English word', [start, imeEnter, end('hello'), sent, released]],
    ['Enter held down', [start, imeEnter, repeated, end(), repeated, sent, repeated, released]],
  ])('%s', (_browser, events) => {
    expect(run(...events).sends).toBe(1);
  });

  test.each([
    ['with the key released', [released]],
    ['with another key first', [key]],
    ['with text put in by something else', [input]],
    ['with the next syllable', [start, end(), key]],
  ])('and the next Enter sends again %s', (_how, between) => {
    expect(run(start, imeEnter, end(), sent, ...between, enter).sends).toBe(2);
  });
});

describe('Enter without a composition', () => {
  test('sends once, however long it is held', () => {
    expect(run(enter, repeated, repeated, released).sends).toBe(1);
  });

  test('inserts a line break with Shift', () => {
    expect(run(shiftEnter, lineBreak)).toEqual({ phase: 'plain', sends: 0, swallowed: [] });
  });
});

describe('Enter sends nothing', () => {
  test('with Shift during a composition', () => {
    expect(run(start, shiftEnter, end(), shiftEnter, lineBreak).sends).toBe(0);
  });

  test.each(['漢字', 'かな', 'カナ'])('when it only commits %s', (text) => {
    expect(run(start, imeEnter, end(text), released).sends).toBe(0);
    expect(run(start, end(text), imeEnter, released).sends).toBe(0);
  });

  test('but the next Enter does', () => {
    expect(run(start, imeEnter, end('漢字'), released, enter).sends).toBe(1);
    expect(run(start, end('漢字'), imeEnter, released, enter).sends).toBe(1);
  });

  test('when it chose a candidate and the composition went on', () => {
    expect(run(start, imeEnter, released, key, end()).sends).toBe(0);
  });
});

describe('the send button', () => {
  test('sends', () => {
    expect(run(button).sends).toBe(1);
  });

  test('ends a composition first, then sends its text', () => {
    expect(afterComposition('composing', button).action).toBe('end-composition');
    expect(run(start, button, end('漢字'), sent).sends).toBe(1);
  });

  test('does not send again what is about to be sent', () => {
    expect(run(start, imeEnter, end(), button, sent).sends).toBe(1);
  });
});

test('further events of a press that has sent are swallowed', () => {
  expect(run(start, imeEnter, end(), enter, lineBreak, sent, enter, lineBreak).swallowed).toEqual([
    'enter',
    'line-break',
    'enter',
    'line-break',
  ]);
});
