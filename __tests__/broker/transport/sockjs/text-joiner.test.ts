import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TextJoiner } from '../../../../broker/transport/sockjs/text-joiner.ts';

function joined(pieces: readonly string[]): Buffer {
  const joiner = new TextJoiner();
  return Buffer.concat(pieces.map((piece) => joiner.join(piece)));
}

describe('the text joiner', () => {
  test('gives the octets of a text that is cut at any UTF-16 unit', () => {
    const cutText = fc
      .string({ unit: 'binary' })
      .chain((text) =>
        fc.tuple(fc.constant(text), fc.array(fc.nat({ max: text.length }), { maxLength: 8 })),
      );

    fc.assert(
      fc.property(cutText, ([text, cuts]) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = edges.slice(1).map((edge, at) => text.slice(edges[at], edge));

        expect(joined(pieces)).toEqual(Buffer.from(text));
      }),
    );
  });

  test('holds half an emoji until the other half comes', () => {
    const joiner = new TextJoiner();

    expect(joiner.join('a\ud83d')).toEqual(Buffer.from('a'));
    expect(joiner.join('')).toEqual(Buffer.alloc(0));
    expect(joiner.join('\ude00b')).toEqual(Buffer.from('😀b'));
  });

  test('gives up half an emoji that never becomes a whole one', () => {
    expect(joined(['\ud83d', 'x'])).toEqual(Buffer.from('\ufffdx'));
    expect(joined(['\ude00', 'x'])).toEqual(Buffer.from('\ufffdx'));
  });
});
