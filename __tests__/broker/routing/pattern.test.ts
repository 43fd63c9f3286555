import { describe, expect, test } from '@jest/globals';
import { isPattern, literalPrefix, segmentsOf } from '../../../broker/routing/pattern.ts';

describe('what is a pattern', () => {
  test.each([
    '/topic/*',
    '/topic/**',
    '/topic/*/a',
    '/topic/a.*',
    '/topic/a.**',
    '/topic/**.a',
    '/topic/*.*',
    '/topic/a//*',
    '/topic/한국/*',
    '/*/a',
  ])('%s is one', (destination) => {
    expect(isPattern(destination)).toBe(true);
  });

  test.each([
    '/topic/a',
    '/topic/a*',
    '/topic/*b',
    '/topic/a*b',
    '/topic/***',
    '/topic/****/a',
    '/topic/**a',
    '/topic/a**',
    '/topic/* ',
    '/topic/*\n',
    '/topic/%2A',
    '/topic/＊',
    '*',
    '**',
    '',
  ])('%j is none', (destination) => {
    expect(isPattern(destination)).toBe(false);
  });
});

test.each([
  ['/topic/a/*', '/topic/a/'],
  ['/topic/a.**.b', '/topic/a.'],
  ['/topic/a*/***/*', '/topic/a*/***/'],
  ['/**', '/'],
])('what comes before the first wildcard of %s is %s', (pattern, literal) => {
  expect(literalPrefix(pattern)).toBe(literal);
});

test.each([
  ['/topic/a.b/**', ['/topic', '/a', '.b', '/**']],
  ['/topic//.a/', ['/topic', '/', '/', '.a', '/']],
  ['user kim /queue/x', ['user kim ', '/queue', '/x']],
])('the segments of %s keep their separators', (destination, segments) => {
  expect(segmentsOf(destination)).toEqual(segments);
});
