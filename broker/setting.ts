import { isIP } from 'node:net';

/** The result of reading a text as a setting. */
export type Read<T> =
  | { readonly type: 'value'; readonly value: T }
  | { readonly type: 'problem'; readonly text: string };

/** One row of the table in config.ts. */
export interface Setting<T> {
  /** One clause, for `--help` and docs/settings.md. */
  readonly about: string;
  /** The values it takes, for `--help` and docs/settings.md. */
  readonly bounds: string;
  readonly default: T;
  /** The default as a user would write it, if that differs from its text. */
  readonly shown?: string;
  /** On the command line the flag without a value means `true`. */
  readonly isFlag?: true;
  /** Reads texts of the command line or the environment; only a list takes more than one. */
  read(texts: readonly string[]): Read<T>;
  /** Describes why a value from code is invalid; `null`: it is valid. */
  problemOf(value: unknown): string | null;
}

interface IntegerOptions {
  readonly about: string;
  readonly default: number;
  readonly from: number;
  readonly to: number;
  readonly check?: (value: number) => string | null;
}

export function integer(options: IntegerOptions): Setting<number> {
  const { from, to, check = () => null } = options;
  const bounds = `${from} to ${to}`;
  const problemOf = (value: unknown) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < from || value > to) {
      return `must be a whole number, ${bounds}`;
    }
    return check(value);
  };
  return {
    about: options.about,
    bounds,
    default: options.default,
    problemOf,
    read([text = '']) {
      return readAs(/^\d+$/.test(text) ? Number(text) : Number.NaN, problemOf);
    },
  };
}

/** A whole number, or a word that stands for `null`, which is the default. */
export function optional(
  none: string,
  options: Omit<IntegerOptions, 'check' | 'default'>,
): Setting<number | null> {
  const number = integer({ ...options, default: options.from });
  const problemOf = (value: unknown) => {
    const problem = value === null ? null : number.problemOf(value);
    return problem === null ? null : `${problem}, or ${none}`;
  };
  return {
    about: options.about,
    bounds: `${none} | ${number.bounds}`,
    default: null,
    problemOf,
    shown: none,
    read([text = '']) {
      if (text === none) return { type: 'value', value: null };
      return readAs<number | null>(/^\d+$/.test(text) ? Number(text) : Number.NaN, problemOf);
    },
  };
}

/** A switch that is off by default; the flag alone turns it on. */
export function toggle({ about }: { readonly about: string }): Setting<boolean> {
  const bounds = 'true | false';
  const problemOf = (value: unknown) =>
    typeof value === 'boolean' ? null : 'must be true or false';
  return {
    about,
    bounds,
    default: false,
    isFlag: true,
    problemOf,
    read([text = '']) {
      const isFine = text === 'true' || text === 'false';
      return isFine
        ? { type: 'value', value: text === 'true' }
        : { type: 'problem', text: `must be ${bounds}` };
    },
  };
}

interface TextOptions {
  readonly about: string;
  readonly bounds: string;
  readonly default: string;
  readonly pattern: RegExp;
}

export function text(options: TextOptions): Setting<string> {
  const { bounds, pattern } = options;
  const problemOf = (value: unknown) =>
    typeof value === 'string' && pattern.test(value) ? null : `must be ${bounds}`;
  return { ...options, problemOf, read: ([given = '']) => readAs(given, problemOf) };
}

export function oneOf<const T extends string>(
  values: readonly T[],
  options: {
    readonly about: string;
    readonly default: NoInfer<T>;
  },
): Setting<T> {
  const bounds = values.join(' | ');
  const find = (value: unknown) => values.find((one) => one === value);
  const problemOf = (value: unknown) => (find(value) === undefined ? `must be ${bounds}` : null);
  return {
    about: options.about,
    bounds,
    default: options.default,
    problemOf,
    read([given]) {
      return readAs(find(given) ?? options.default, () => problemOf(given));
    },
  };
}

/** Addresses such as `10.0.0.1`, ranges such as `10.0.0.0/8`, and the word `loopback`. */
export function addressRanges({ about }: { readonly about: string }): Setting<readonly string[]> {
  const bounds = 'an address, a range such as 10.0.0.0/8, or loopback';
  return list({ about, bounds, pattern: { test: isAddressRange } });
}

function isAddressRange(text: string): boolean {
  if (text === 'loopback') return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  const bits = family === 4 ? 32 : 128;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

/** Several texts, given by repeating the flag or separated by commas. */
export function list(options: {
  readonly about: string;
  readonly bounds: string;
  readonly pattern: Pick<RegExp, 'test'>;
}): Setting<readonly string[]> {
  const { about, bounds, pattern } = options;
  const problemOf = (value: unknown) => {
    const isFine = Array.isArray(value) && value.every((one) => pattern.test(String(one)));
    return isFine ? null : `each must be ${bounds}`;
  };
  return {
    about,
    bounds: `${bounds}; may be given again`,
    default: [],
    problemOf,
    read(texts) {
      const all = texts.flatMap((given) => given.split(',')).map((one) => one.trim());
      return readAs(all, problemOf);
    },
  };
}

function readAs<T>(value: T, problemOf: (value: T) => string | null): Read<T> {
  const problem = problemOf(value);
  return problem === null ? { type: 'value', value } : { type: 'problem', text: problem };
}
