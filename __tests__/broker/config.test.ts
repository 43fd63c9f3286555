import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { helpText, readCommandLine } from '../../broker/command-line.ts';
import {
  ConfigError,
  flagOf,
  resolveConfig,
  SETTING_NAMES,
  variableOf,
} from '../../broker/config.ts';
import { VERSION } from '../../broker/version.ts';

function configOf(argv: string[], env: Record<string, string> = {}) {
  const read = readCommandLine(argv, env);
  if (read.type !== 'run') throw new Error(`asked for ${read.type}`);
  return read.config;
}

function problemsOf(argv: string[], env: Record<string, string> = {}): readonly string[] {
  try {
    readCommandLine(argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

describe('settings', () => {
  test('have defaults', () => {
    expect(configOf([])).toMatchObject({
      port: 8_080,
      host: '127.0.0.1',
      engine: 'embedded',
      chatRate: 50,
    });
  });

  test('are read from flags before variables before PORT and HOST', () => {
    const env = { PORT: '1', HOST: 'a', BROKER_HOST: 'b', BROKER_CHAT_RATE: '7' };

    expect(configOf([], env)).toMatchObject({ port: 1, host: 'b', chatRate: 7 });
    expect(configOf(['--host', 'c', '--port=0'], env)).toMatchObject({ port: 0, host: 'c' });
  });

  test('that are lists may be given again, or with commas', () => {
    const origins = ['https://a.example', 'https://b.example'];

    expect(configOf(origins.flatMap((origin) => ['--allow-origin', origin])).allowOrigin).toEqual(
      origins,
    );
    expect(configOf([], { BROKER_ALLOW_ORIGIN: origins.join(', ') }).allowOrigin).toEqual(origins);
  });

  test('that are switches are on by their flag alone', () => {
    expect(configOf([]).trustLogin).toBe(false);
    expect(configOf(['--trust-login', '--port', '1'])).toMatchObject({ trustLogin: true, port: 1 });
    expect(configOf([], { BROKER_TRUST_LOGIN: 'true' }).trustLogin).toBe(true);
    expect(problemsOf([], { BROKER_TRUST_LOGIN: 'yes' })).toHaveLength(1);
  });

  test('that are wrong are named all at once, unknown ones too', () => {
    const argv = [
      '--port',
      'x',
      '--nonsense',
      '3',
      '--engine',
      'oracle',
      '--allow-origin',
      'a',
      'stray',
    ];

    expect(problemsOf(argv, { BROKER_CHAT_RAT: '1', BROKER_HEADER_BYTES: '1' })).toEqual([
      '--nonsense: there is no such setting',
      'stray: there is no such argument',
      'BROKER_CHAT_RAT: there is no such setting',
      'BROKER_HEADER_BYTES 1: must be a whole number, 64 to 4294967296',
      '--port x: must be a whole number, 0 to 65535',
      '--engine oracle: must be memory | embedded',
      '--allow-origin a: each must be an origin such as https://example.org, https://*.example.org or http://localhost:*, or *',
    ]);
  });

  test.each([
    [['--tcp-port', 'on'], 'must be a whole number, 0 to 65535, or off'],
    [['--port'], 'needs a value'],
    [['--port', '-1'], '--port'],
  ])('%j is a problem', (argv, text) => {
    expect(problemsOf(argv).join('\n')).toContain(text);
  });

  test('from code are held against the same table', () => {
    expect(() => resolveConfig({ port: -1, heartBeatMs: 0.5 })).toThrow(/port.*\n.*heartBeatMs/);
    expect(() => resolveConfig(JSON.parse('{"prot":1}'))).toThrow('prot: there is no such setting');
    expect(resolveConfig({ port: 0 })).toMatchObject({ port: 0, roomsMax: 10_000 });
  });

  test('for prefixes must not overlap, and for origins must be such as a browser sends', () => {
    expect(problemsOf(['--app-prefix', '/topic/app'])).toEqual([
      '--app-prefix /topic/app: stands at or below --topic-prefix',
    ]);
    expect(problemsOf(['--app-prefix', '/topical'])).toEqual([]);
    expect(problemsOf(['--allow-origin', 'https://Example.org'])).toHaveLength(1);
    expect(problemsOf(['--allow-origin', 'https://example.org/path'])).toHaveLength(1);
    expect(problemsOf(['--allow-origin', 'https://a.*.example.org'])).toHaveLength(1);
    expect(problemsOf(['--allow-origin', 'https://*'])).toHaveLength(1);
    const patterns = ['file://', 'https://*.example.org', 'http://localhost:*'];
    expect(configOf(['--allow-origin', patterns.join(',')]).allowOrigin).toEqual(patterns);
  });

  test('are frozen', () => {
    expect(Object.isFrozen(resolveConfig({}))).toBe(true);
  });

  test('have a flag and a variable by their name', () => {
    expect([flagOf('heartBeatMs'), variableOf('heartBeatMs')]).toEqual([
      '--heart-beat-ms',
      'BROKER_HEART_BEAT_MS',
    ]);
  });

  test('are all in --help', () => {
    const help = helpText('stomping-ground');

    expect(readCommandLine(['--help', '--port', 'x'], {})).toEqual({ type: 'help' });
    for (const name of SETTING_NAMES) expect(help).toContain(`${flagOf(name)}  `);
  });

  test('are left aside when the command line asks for the version', () => {
    expect(readCommandLine(['--port', 'x', '--version'], {})).toEqual({ type: 'version' });
    expect(readCommandLine(['-v'], {})).toEqual({ type: 'version' });
  });

  test('are explained under the name of the command that was typed', () => {
    expect(helpText('npm start --')).toContain('\nUsage: npm start -- [--name value …]\n');
  });
});

test('the version that clients are told is the one of package.json', () => {
  expect(JSON.parse(readFileSync('package.json', 'utf8')).version).toBe(VERSION);
});

describe('the former name of a setting', () => {
  test('is accepted as a flag, as a variable and in code', () => {
    expect(configOf(['--repeat-count', '7']).deduplicationCount).toBe(7);
    expect(configOf([], { BROKER_REPEAT_SECONDS: '8' }).deduplicationSeconds).toBe(8);
    expect(resolveConfig({ repeatCount: 9 }).deduplicationCount).toBe(9);
  });

  test('gives way to the present one', () => {
    expect(resolveConfig({ deduplicationCount: 1, repeatCount: 9 }).deduplicationCount).toBe(1);
  });

  test('is not listed', () => {
    expect(helpText('stomping-ground')).not.toContain('--repeat-count');
  });
});
