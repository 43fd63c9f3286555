import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeHeader, unescapeHeader } from '../../../broker/stomp/escape.ts';
import { STOMP_VERSIONS } from '../../../broker/stomp/version.ts';
import { errorOf } from './decode-all.ts';

const unit = fc.oneof(
  fc.constantFrom('\\', ':', '\n', '\r', 'c', 'n', 'r', 't'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const short = fc.string({ unit, maxLength: 20 });
/** Long texts are escaped by other code. */
const text = fc.oneof(
  short,
  short.map((said) => said.repeat(60)),
);

describe('escapes', () => {
  test.each(['1.1', '1.2'] as const)(
    'give back any text in %s, but for NULs, which become spaces',
    (version) => {
      fc.assert(
        fc.property(text, (said) => {
          expect(unescapeHeader(escapeHeader(said, version), version)).toBe(
            said.replaceAll('\0', ' '),
          );
        }),
        { numRuns: 500 },
      );
    },
  );

  test.each([
    ['1.0', /[\0\r\n]/],
    ['1.1', /[\0:\n]/],
    ['1.2', /[\0:\r\n]/],
  ] as const)('leave nothing in %s that ends a name or a line', (version, ends) => {
    fc.assert(
      fc.property(text, (said) => {
        expect(escapeHeader(said, version)).not.toMatch(ends);
      }),
      { numRuns: 500 },
    );
  });

  test.each(STOMP_VERSIONS)('leave plain text alone in %s', (version) => {
    expect(escapeHeader('/topic/a b-한😀', version)).toBe('/topic/a b-한😀');
    expect(unescapeHeader('/topic/a b-한😀', version)).toBe('/topic/a b-한😀');
  });

  test.each(STOMP_VERSIONS)(
    'are the same in a long text as in each of its parts, in %s',
    (version) => {
      fc.assert(
        fc.property(short, (said) => {
          const long = 'x'.repeat(1_000) + said;
          const escaped = escapeHeader(said, version);
          expect(escapeHeader(long, version)).toBe('x'.repeat(1_000) + escaped);
        }),
      );
    },
  );

  test('are undone in one pass from left to right', () => {
    expect(unescapeHeader('\\\\n\\\\\\n', '1.2')).toBe('\\n\\\n');
  });

  test.each([
    ['1.1', /^([^\\]|\\[\\cn])*$/],
    ['1.2', /^([^\\]|\\[\\cnr])*$/],
    [null, /^([^\\]|\\[\\cnr])*$/],
  ] as const)('end in a ProtocolError in %s where they are not defined', (version, defined) => {
    const undefinedText = text.filter((said) => !defined.test(said));

    fc.assert(
      fc.property(undefinedText, (said) => {
        const error = errorOf(() => unescapeHeader(said, version, 'r1'));

        expect(error).toMatchObject({ code: 'UNDEFINED_ESCAPE', receiptId: 'r1' });
      }),
      { numRuns: 500 },
    );
  });
});
