import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { compilePattern } from '../../../broker/application/pattern.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { sendTo } from '../../../broker/application/reply.ts';

const caller = { address: '192.0.2.1', sessionId: 's', user: null };
const asked = (body = '') => ({
  body: Buffer.from(body),
  caller,
  headers: [],
  sentHeaders: [],
});

describe('a pattern', () => {
  test.each([
    ['/a', '/a', {}],
    ['/rooms/{room}/say', '/rooms/7/say', { room: '7' }],
    ['/{a}/{b}', '/x/y', { a: 'x', b: 'y' }],
  ])('%s matches %s', (pattern, path, params) => {
    expect(compilePattern(pattern).match(path)).toEqual(params);
  });

  test.each([
    ['/a', '/b'],
    ['/a', '/a/'],
    ['/rooms/{room}', '/rooms/'],
    ['/rooms/{room}', '/rooms/7/8'],
  ])('%s does not match %s', (pattern, path) => {
    expect(compilePattern(pattern).match(path)).toBeNull();
  });

  test.each(['a', '/{a', '/x{a}', '/{a-b}'])('%s is refused when it is registered', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(pattern.replace(/^\//, ''));
  });
});

describe('an application', () => {
  test('hands a handler its parameters, typed by the pattern', () => {
    const application = new Application().message(
      '/rooms/{room}/say',
      ({ params, caller: who, text }) => {
        const room: string = params.room;
        return { publish: [sendTo(`/topic/${room}`, [who.sessionId, typeof text])] };
      },
    );

    const answer = application.send('/rooms/7/say', asked());

    expect(answer).toMatchObject({
      type: 'answered',
      value: { publish: [{ destination: '/topic/7' }] },
    });
  });

  test('lets the first handler that matches win', () => {
    const application = new Application()
      .subscribe('/a/{b}', () => 'first')
      .subscribe('/a/b', () => 'second');

    expect(application.ask('/a/b', asked())).toEqual({ type: 'answered', value: 'first' });
  });

  test('knows what nobody handles', () => {
    expect(new Application().send('/nobody', asked())).toEqual({ type: 'unknown' });
  });

  test.each([
    ['at once', () => reject('NO', 'no')],
    ['later', async () => reject('NO', 'no')],
  ])('turns a rejection %s into an answer', async (_when, handler) => {
    const application = new Application().message('/a', handler);

    expect(await application.send('/a', asked())).toEqual({
      type: 'rejected',
      code: 'NO',
      text: 'no',
    });
  });

  test('lets a bug of a handler through', () => {
    const application = new Application().message('/a', () => {
      throw new RangeError('bug');
    });

    expect(() => application.send('/a', asked())).toThrow(RangeError);
  });

  test('rejects bodies that are no JSON and no text', () => {
    const application = new Application()
      .message('/json', (request) => {
        request.json();
        return undefined;
      })
      .message('/text', (request) => {
        request.text();
        return undefined;
      });

    expect(application.send('/json', asked('{'))).toMatchObject({ code: 'BAD_JSON' });
    expect(application.send('/text', { ...asked(), body: Buffer.from([0xff]) })).toMatchObject({
      code: 'NOT_TEXT',
    });
  });

  test('tells every listener of a session that ended, whatever another one does', () => {
    const heard: string[] = [];
    const application = new Application()
      .closed(() => {
        throw new RangeError('bug');
      })
      .closed(({ sessionId }) => heard.push(sessionId));

    expect(() => application.sessionClosed(caller)).toThrow(RangeError);
    expect(heard).toEqual(['s']);
  });

  test('does not let a topic handler wait', () => {
    const application = new Application().topic('/a', async () => 1);

    expect(() => application.open('/a', asked())).toThrow('must not wait');
  });
});
