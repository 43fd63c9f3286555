import { describe, expect, test } from '@jest/globals';
import { chatHarness } from '../../support/chat-harness.ts';

describe('what is said in a room', () => {
  test('ENTER comes back in the words of the broker', async () => {
    const chat = chatHarness();

    await chat.enter('s1', 'Kim', { message: '' });

    expect(await chat.inRoom()).toEqual([
      {
        type: 'ENTER',
        roomId: '7',
        sender: 'Kim',
        message: 'Kim님이 입장했습니다.',
        id: expect.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        at: '2026-01-01T00:00:00.000Z',
      },
    ]);
  });

  test('LEAVE comes back in the words of the broker, from whomever', async () => {
    const chat = chatHarness();

    await chat.leave('s1', 'Kim');

    expect(await chat.inRoom()).toMatchObject([
      { type: 'LEAVE', message: 'Kim님이 퇴장했습니다.' },
    ]);
  });

  test('TALK is unchanged, and keeps fields that the chat does not know', async () => {
    const chat = chatHarness();
    const said = {
      type: 'TALK',
      roomId: 7,
      sender: ' Kim ',
      message: '안녕 <b>',
      mood: { ok: true },
    };

    await chat.say('s1', said);

    expect(await chat.inRoom()).toMatchObject([said]);
  });

  test("a sender's id is kept if it is one, else replaced", async () => {
    const chat = chatHarness();

    await chat.say('s1', { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a', id: 'm-1' });
    await chat.say('s1', { type: 'TALK', roomId: '7', sender: 'Kim', message: 'b', id: 'no id' });

    const [first, second] = await chat.inRoom();
    expect(first?.id).toBe('m-1');
    expect(second?.id).not.toBe('no id');
  });

  test('carries no header of the SEND, and says that it is JSON', async () => {
    const chat = chatHarness();

    await chat.say('s1', { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a' }, [
      ['content-type', 'text/plain'],
      ['token', 'abc'],
      ['trace', 't1'],
    ]);

    expect(chat.published[0]?.message.headers).toEqual([['content-type', 'application/json']]);
  });

  test('a repeat by id is published once', async () => {
    const chat = chatHarness();
    const said = { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a', id: 'm-1' };

    await chat.say('s1', said);
    chat.clock.advance(1_000);
    await chat.say('s2', said);

    expect(await chat.inRoom()).toHaveLength(1);
  });

  test.each([
    ['another sender', { sender: 'Lee' }],
    ['another message', { message: 'b' }],
  ])('an id that comes again with %s is refused', async (_what, change) => {
    const chat = chatHarness();
    const said = { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a', id: 'm-1' };
    await chat.say('s1', said);

    const sent = await chat.say('s1', { ...said, ...change });

    expect(sent).toEqual({ type: 'refused', code: 'ID_TAKEN' });
  });

  test('TYPING has no position and makes no room', async () => {
    const chat = chatHarness();

    await chat.say('s1', {
      type: 'TYPING',
      roomId: '7',
      sender: 'Kim',
      message: 'x'.repeat(9_000),
    });

    expect(chat.published[0]).toMatchObject({ offset: null, isEphemeral: true });
    expect((await chat.inRoom())[0]?.message).toBe('');
    expect(chat.rooms.find('7')).toBeNull();
  });

  test.each([
    ['not json', 'BAD_JSON'],
    [Buffer.from([0xff, 0xfe]).toString('latin1'), 'BAD_JSON'],
    [{ type: 'SHOUT', roomId: '7', sender: 'Kim', message: 'a' }, 'BAD_TYPE'],
    [{ type: 'TALK', sender: 'Kim', message: 'a' }, 'BAD_ROOM_ID'],
    [{ type: 'TALK', roomId: '../x', sender: 'Kim', message: 'a' }, 'BAD_ROOM_ID'],
    [{ type: 'TALK', roomId: '7', message: 'a' }, 'BAD_SENDER'],
    [{ type: 'TALK', roomId: '7', sender: 'a\nb', message: 'a' }, 'BAD_SENDER'],
    [{ type: 'TALK', roomId: '7', sender: 'Kim', message: '' }, 'BAD_MESSAGE'],
    [{ type: 'TALK', roomId: '7', sender: 'Kim', message: 'x'.repeat(4_001) }, 'BAD_MESSAGE'],
    [['TALK'], 'NOT_AN_OBJECT'],
  ])('%j is refused with %s, and nobody hears of it', async (body, code) => {
    const chat = chatHarness();

    const sent = await chat.say('s1', body);

    expect(sent).toEqual({ type: 'refused', code });
    expect(chat.published).toEqual([]);
  });
});

describe('a body', () => {
  const nested = (depth: number) => {
    const field = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    return `{"type":"TALK","roomId":"7","sender":"Kim","message":"a","x":${field}}`;
  };

  test('is refused when a field of it is nested too deeply', async () => {
    const chat = chatHarness();

    expect(await chat.say('s1', nested(99))).toEqual({ type: 'accepted' });
    expect(await chat.say('s1', nested(100))).toEqual({ type: 'refused', code: 'BAD_JSON' });
    expect(await chat.say('s1', nested(30_000))).toEqual({ type: 'refused', code: 'BAD_JSON' });
  });

  test('is refused before it is parsed when it is too large', async () => {
    const chat = chatHarness({ chatBodyBytes: 100 });
    const talk = '{"type":"TALK","roomId":"7","sender":"Kim","message":"a"}';

    expect(await chat.say('s1', talk.padEnd(100))).toEqual({ type: 'accepted' });
    expect(await chat.say('s1', talk.padEnd(101))).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(await chat.say('s1', '{'.repeat(101))).toMatchObject({ code: 'BODY_TOO_LARGE' });
  });

  test('may have 64 KiB by default', async () => {
    const chat = chatHarness();
    const talk = '{"type":"TALK","roomId":"7","sender":"Kim","message":"a"}';

    expect(await chat.say('s1', talk.padEnd(65_536))).toEqual({ type: 'accepted' });
    expect(await chat.say('s1', talk.padEnd(65_537))).toMatchObject({ code: 'BODY_TOO_LARGE' });
  });
});

describe('the rate of messages', () => {
  const talk = { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a' };
  const send = async (chat: ReturnType<typeof chatHarness>, session: string, count: number) => {
    const sent = [];
    for (let one = 0; one < count; one += 1) sent.push((await chat.say(session, talk)).type);
    return sent.filter((type) => type === 'accepted').length;
  };

  test('is limited, after a burst of twice as much', async () => {
    const chat = chatHarness({ chatRate: 5 });

    expect(await send(chat, 's1', 20)).toBe(10);
    chat.clock.advance(1_000);
    expect(await send(chat, 's1', 20)).toBe(5);
  });

  test('of one guest does not count for another', async () => {
    const chat = chatHarness({ chatRate: 5 });
    await send(chat, 's1', 20);

    expect(await send(chat, 's2', 1)).toBe(1);
  });

  test('of one user counts all sessions of that user', async () => {
    const chat = chatHarness({ chatRate: 5 });
    chat.come('s1', { address: '192.0.2.1', user: 'Kim' });
    chat.come('s2', { address: '192.0.2.2', user: 'Kim' });
    chat.come('s3', { address: '192.0.2.1', user: 'Lee' });

    expect(await send(chat, 's1', 9)).toBe(9);
    expect(await send(chat, 's2', 9)).toBe(1);
    expect(await send(chat, 's3', 1)).toBe(1);
  });

  test('of one address is limited, however often its guests reconnect', async () => {
    const chat = chatHarness({ chatRate: 5, chatAddressRate: 20 });
    const reconnects = async (from: number, address: string) => {
      let accepted = 0;
      for (let at = from; at < from + 30; at += 1) {
        chat.come(`${address} ${at}`, { address });
        accepted += await send(chat, `${address} ${at}`, 10);
      }
      return accepted;
    };

    expect(await reconnects(0, '2001:db8::1')).toBe(100);
    expect(await reconnects(30, '2001:db8::2')).toBe(0);
    expect(await reconnects(60, '192.0.2.1')).toBe(100);
    chat.clock.advance(1_000);
    expect(await reconnects(90, '2001:db8::1')).toBe(20);
  });

  test('counts a large message once for each KiB, and the largest at most as all of it', async () => {
    const chat = chatHarness({ chatRate: 5 });
    const large = (bytes: number) => chat.say('s1', JSON.stringify(talk).padEnd(bytes));

    expect((await large(4 * 1_024)).type).toBe('accepted');
    expect((await large(5 * 1_024)).type).toBe('accepted');
    expect(await large(1_025)).toEqual({ type: 'refused', code: 'RATE_LIMITED' });
    expect((await large(1_024)).type).toBe('accepted');
    chat.clock.advance(2_000);
    expect((await large(65_536)).type).toBe('accepted');
    expect(await send(chat, 's1', 1)).toBe(0);
  });

  test('has no limit when the settings are 0', async () => {
    const chat = chatHarness({ chatRate: 0, chatAddressRate: 0 });

    expect(await send(chat, 's1', 300)).toBe(300);
  });
});

describe('rooms', () => {
  const talkIn = (roomId: string) => ({ type: 'TALK', roomId, sender: 'Kim', message: 'a' });

  test('are refused beyond their limit', async () => {
    const chat = chatHarness({ roomsMax: 2 });
    for (const roomId of ['1', '2']) await chat.say('s1', talkIn(roomId));

    const sent = await chat.say('s1', talkIn('3'));

    expect(sent).toEqual({ type: 'refused', code: 'TOO_MANY_ROOMS' });
    expect((await chat.say('s1', talkIn('2'))).type).toBe('accepted');
  });

  test('without name, people and history make place for new ones', async () => {
    // No message is kept, so both rooms have no history at once.
    const chat = chatHarness({ roomsMax: 2, memoryBytes: 1 });
    for (const roomId of ['1', '2']) await chat.say('s1', talkIn(roomId));

    expect((await chat.say('s1', talkIn('3'))).type).toBe('accepted');
    expect(chat.rooms.list().total).toBe(2);
    expect(chat.rooms.find('1')).toBeNull();
  });

  test('that come to be used while place is made for others stay', async () => {
    const chat = chatHarness({ roomsMax: 2, memoryBytes: 1 });
    for (const roomId of ['1', '2']) await chat.say('s1', talkIn(roomId));

    const making = ['3', '4', '5'].map((roomId) => chat.say('s1', talkIn(roomId)));
    const entering = chat.say('s1', { type: 'ENTER', roomId: '1', sender: 'Kim' });
    await Promise.all([...making, entering]);

    expect(chat.rooms.list().total).toBeLessThanOrEqual(2);
    expect(chat.rooms.find('1')).toMatchObject({ people: 1 });
  });

  test('with people in them stay', async () => {
    const chat = chatHarness({ roomsMax: 1, memoryBytes: 1 });
    await chat.enter('s1', 'Kim');

    expect(await chat.say('s1', talkIn('8'))).toEqual({ type: 'refused', code: 'TOO_MANY_ROOMS' });
  });

  test('that are created get the next free number', async () => {
    const chat = chatHarness();
    await chat.say('s1', talkIn('2'));

    const created = [await chat.rooms.create('a'), await chat.rooms.create('b')];

    expect(created.map((room) => room?.roomId)).toEqual(['1', '3']);
  });

  test('are listed fullest first, and by number', async () => {
    const chat = chatHarness({ roomListMax: 3 });
    for (const roomId of ['10', '9', '2', '1']) await chat.say('s1', talkIn(roomId));
    await chat.say('s1', { type: 'ENTER', roomId: '9', sender: 'Kim' });

    const { rooms, total } = chat.rooms.list();

    expect(rooms.map(({ roomId, people }) => [roomId, people])).toEqual([
      ['9', 1],
      ['1', 0],
      ['2', 0],
    ]);
    expect(total).toBe(4);
  });
});
