import { describe, expect, test } from '@jest/globals';
import { checkFrame, isClientCommand, mayHaveBody } from '../../../broker/stomp/commands.ts';
import { PROTOCOL_ERRORS, ProtocolError } from '../../../broker/stomp/errors.ts';
import {
  CLIENT_COMMANDS,
  type ClientCommand,
  type Header,
  headerOf,
  SERVER_COMMANDS,
} from '../../../broker/stomp/frame.ts';
import { STOMP_VERSIONS, type StompVersion } from '../../../broker/stomp/version.ts';
import { errorOf, frame } from './decode-all.ts';

type Needs = Readonly<Record<ClientCommand, readonly string[] | 'unknown'>>;

const SAME = {
  CONNECT: [],
  STOMP: [],
  SEND: ['destination'],
  BEGIN: ['transaction'],
  COMMIT: ['transaction'],
  ABORT: ['transaction'],
  DISCONNECT: [],
} as const;

/** The rules of the three specifications, each written out on its own. */
const NEEDS: Readonly<Record<StompVersion, Needs>> = {
  '1.0': {
    ...SAME,
    SUBSCRIBE: ['destination'],
    UNSUBSCRIBE: [],
    ACK: ['message-id'],
    NACK: 'unknown',
  },
  '1.1': {
    ...SAME,
    SUBSCRIBE: ['destination', 'id'],
    UNSUBSCRIBE: ['id'],
    ACK: ['message-id', 'subscription'],
    NACK: ['message-id', 'subscription'],
  },
  '1.2': {
    ...SAME,
    SUBSCRIBE: ['destination', 'id'],
    UNSUBSCRIBE: ['id'],
    ACK: ['id'],
    NACK: ['id'],
  },
};

const headersOf = (names: readonly string[]): Header[] => names.map((name) => [name, '1']);

describe.each(STOMP_VERSIONS)('the frames of STOMP %s', (version) => {
  const all = CLIENT_COMMANDS.map((command) => [command, NEEDS[version][command]] as const);
  const known = all.flatMap(([command, needs]) =>
    needs === 'unknown' ? [] : [{ command, needs }],
  );

  test.each(known)('$command is right with $needs', ({ command, needs }) => {
    expect(() => checkFrame(frame(command, headersOf(needs)), version)).not.toThrow();
  });

  test.each(known)('$command is wrong without one of $needs', ({ command, needs }) => {
    for (const missing of needs) {
      const headers = headersOf(needs.filter((name) => name !== missing));

      const error = errorOf(() => checkFrame(frame(command, headers), version));

      expect(error).toMatchObject({
        code: 'MISSING_HEADER',
        detail: `${command} needs ${missing}`,
      });
    }
  });

  test('a header is there even when its value is empty', () => {
    expect(() => checkFrame(frame('SEND', [['destination', '']]), version)).not.toThrow();
  });

  test('names are case-sensitive', () => {
    const error = errorOf(() => checkFrame(frame('SEND', [['Destination', '/a']]), version));

    expect(error.code).toBe('MISSING_HEADER');
  });
});

describe('commands', () => {
  test('NACK is unknown in 1.0', () => {
    const headers = headersOf(['id', 'message-id', 'subscription']);

    const error = errorOf(() => checkFrame(frame('NACK', headers), '1.0'));

    expect(error).toMatchObject({ code: 'UNKNOWN_COMMAND', detail: 'NACK in STOMP 1.0' });
  });

  test.each(CLIENT_COMMANDS)('%s is one of a client', (command) => {
    expect(isClientCommand(command)).toBe(true);
  });

  test.each([...SERVER_COMMANDS, '', 'send', 'toString', 'constructor', '__proto__'])(
    '%j is none of a client',
    (text) => {
      expect(isClientCommand(text)).toBe(false);
    },
  );

  test.each(CLIENT_COMMANDS)('%s may have a body only if it is SEND, or in 1.0', (command) => {
    expect(mayHaveBody(command, '1.0')).toBe(true);
    expect(mayHaveBody(command, '1.1')).toBe(command === 'SEND');
    expect(mayHaveBody(command, '1.2')).toBe(command === 'SEND');
    expect(mayHaveBody(command, null)).toBe(command === 'SEND');
  });
});

describe('headerOf', () => {
  test('gives the first of several', () => {
    const headers: Header[] = [
      ['a', '1'],
      ['b', '2'],
      ['b', '3'],
    ];

    expect(headerOf({ headers }, 'b')).toBe('2');
  });

  test('gives nothing where there is none', () => {
    expect(headerOf({ headers: [['a', '1']] }, 'A')).toBeUndefined();
  });
});

describe('ProtocolError', () => {
  test('says what its code means', () => {
    const error = new ProtocolError('BODY_TOO_LARGE');

    expect(error).toMatchObject({ name: 'ProtocolError', message: PROTOCOL_ERRORS.BODY_TOO_LARGE });
  });

  test('says what was wrong exactly, and with which receipt', () => {
    const error = new ProtocolError('BODY_TOO_LARGE', '11 octets', 'r1');

    expect(error.message).toBe(`${PROTOCOL_ERRORS.BODY_TOO_LARGE}: 11 octets`);
    expect(error).toMatchObject({ detail: '11 octets', receiptId: 'r1' });
  });
});
