import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CHAT_MESSAGE_PROBLEMS,
  CHAT_MESSAGE_TYPES,
  parseChatMessage,
} from '../../shared/chat-message.ts';

const TALK = { type: 'TALK', roomId: 'hall', sender: '철수', message: '안녕' };
const OTHERS = ['ENTER', 'LEAVE', 'TYPING'] as const;

const talk = (more: object) => parseChatMessage({ ...TALK, ...more });
const refused = (code: string) => ({ type: 'refused', code });
const without = (name: string) =>
  Object.fromEntries(Object.entries(TALK).filter(([key]) => key !== name));

describe('a chat message', () => {
  test.each(CHAT_MESSAGE_TYPES)('may have the type %s', (type) => {
    expect(talk({ type })).toEqual({ type: 'valid', message: { ...TALK, type } });
  });

  test.each([undefined, null, '', 'talk', 'SHOUT', 'TALK ', 0, ['TALK'], { type: 'TALK' }])(
    'is refused with the type %j',
    (type) => {
      expect(talk({ type })).toEqual(refused('BAD_TYPE'));
    },
  );

  test('is refused without a type', () => {
    expect(parseChatMessage(without('type'))).toEqual(refused('BAD_TYPE'));
  });

  test.each([undefined, null, true, 1, 'TALK', [], [TALK]])('is refused when it is %j', (value) => {
    expect(parseChatMessage(value)).toEqual(refused('NOT_AN_OBJECT'));
  });

  test.each(['hall', '7', 7, 0, 'A-z_9', 'x'.repeat(64)])('may be for the room %j', (roomId) => {
    expect(talk({ roomId })).toMatchObject({ type: 'valid', message: { roomId } });
  });

  test.each([undefined, null, '', 'a b', '방', -1, 1.5, 2 ** 53, Number.NaN, true, {}, ['a']])(
    'is refused for the room %j',
    (roomId) => {
      for (const type of CHAT_MESSAGE_TYPES) {
        expect(talk({ type, roomId })).toEqual(refused('BAD_ROOM_ID'));
      }
    },
  );

  test.each([undefined, null, '', '  ', 'a\nb', 'x'.repeat(51), 7, {}])(
    'is refused from the sender %j',
    (sender) => {
      for (const type of CHAT_MESSAGE_TYPES) {
        expect(talk({ type, sender })).toEqual(refused('BAD_SENDER'));
      }
    },
  );

  test('is refused without a room or a sender', () => {
    expect(parseChatMessage(without('roomId'))).toEqual(refused('BAD_ROOM_ID'));
    expect(parseChatMessage(without('sender'))).toEqual(refused('BAD_SENDER'));
  });

  test('is refused with the code of the first invalid field', () => {
    expect(parseChatMessage({})).toEqual(refused('BAD_TYPE'));
    expect(parseChatMessage({ type: 'TALK' })).toEqual(refused('BAD_ROOM_ID'));
    expect(parseChatMessage({ type: 'TALK', roomId: 1 })).toEqual(refused('BAD_SENDER'));
    expect(parseChatMessage({ type: 'TALK', roomId: 1, sender: 'a' })).toEqual(
      refused('BAD_MESSAGE'),
    );
  });
});

describe('the text of a TALK', () => {
  test.each([
    ['one character', 'a'],
    ['a space', ' '],
    ['a line end', '\n'],
    ['4,000 letters', 'a'.repeat(4_000)],
    ['4,000 syllables', '한'.repeat(4_000)],
    ['4,000 emoji, which are 8,000 UTF-16 units', '😀'.repeat(4_000)],
    ['half an emoji', '\ud83d'],
    ['4,000 halves', '\ud83d'.repeat(4_000)],
  ])('may be %s', (_what, message) => {
    expect(talk({ message })).toMatchObject({ type: 'valid', message: { message } });
  });

  test.each([
    ['empty', ''],
    ['4,001 letters', 'a'.repeat(4_001)],
    ['4,001 syllables', '한'.repeat(4_001)],
    ['4,001 emoji', '😀'.repeat(4_001)],
    ['4,001 halves of emoji', '\ude00'.repeat(4_001)],
    ['null', null],
    ['absent', undefined],
    ['a number', 7],
    ['an object', { text: 'a' }],
    ['a list', ['a']],
  ])('is refused when it is %s', (_what, message) => {
    expect(talk({ message })).toEqual(refused('BAD_MESSAGE'));
  });

  test('is counted in code points: a family emoji with joiners is seven', () => {
    const family = '👨‍👩‍👧‍👦';

    expect(talk({ message: family.repeat(571) })).toMatchObject({ type: 'valid' });
    expect(talk({ message: family.repeat(572) })).toEqual(refused('BAD_MESSAGE'));
  });
});

describe.each(OTHERS)('the text of an %s', (type) => {
  test.each(['', null, undefined, 'hello', 7, { a: 1 }, 'a'.repeat(5_000)])(
    'is ignored, even when it is %j',
    (message) => {
      expect(talk({ type, message })).toMatchObject({ type: 'valid' });
    },
  );

  test('may be absent', () => {
    expect(parseChatMessage({ ...without('message'), type })).toMatchObject({ type: 'valid' });
  });
});

describe('the fields of a chat message', () => {
  test('that are unknown are kept unchanged', () => {
    const more = { id: 7, resume: 'yes', colour: '#fff', deep: { list: [1, null, { a: 'b' }] } };

    for (const type of CHAT_MESSAGE_TYPES) {
      expect(talk({ type, ...more })).toEqual({
        type: 'valid',
        message: { ...TALK, type, ...more },
      });
    }
  });

  test('named __proto__ do not change the prototype', () => {
    const hostile = JSON.parse(
      '{"type":"TALK","roomId":1,"sender":"a","message":"b","__proto__":{"isAdmin":true}}',
    );

    const parsed = parseChatMessage(hostile);

    expect(parsed.type).toBe('valid');
    const message: object = 'message' in parsed ? parsed.message : {};
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect('isAdmin' in message).toBe(false);
    expect('isAdmin' in {}).toBe(false);
  });

  test('are not inherited from __proto__', () => {
    const hostile = JSON.parse(`{"__proto__":${JSON.stringify(TALK)}}`);

    expect(parseChatMessage(hostile)).toEqual(refused('BAD_TYPE'));
  });

  test('are not modified in the parsed object', () => {
    const value = Object.freeze({ ...TALK, more: 1 });

    const parsed = parseChatMessage(value);

    expect(parsed).toEqual({ type: 'valid', message: value });
  });
});

describe('any JSON', () => {
  test('is either a valid message or refused with a code that has a text', () => {
    const likely = fc.record(
      {
        type: fc.oneof(fc.constantFrom(...CHAT_MESSAGE_TYPES), fc.jsonValue()),
        roomId: fc.oneof(fc.constantFrom('a', 1), fc.jsonValue()),
        sender: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        message: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );

    fc.assert(
      fc.property(fc.oneof(likely, fc.jsonValue()), (value) => {
        const parsed = parseChatMessage(value);

        if (parsed.type === 'valid') expect(parsed.message).toEqual(value);
        else expect(CHAT_MESSAGE_PROBLEMS[parsed.code]).toEqual(expect.any(String));
      }),
      { numRuns: 300 },
    );
  });
});
