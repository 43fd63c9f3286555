// Reads the command line and the environment by the table in config.ts.

import { parseArgs } from 'node:util';
import {
  type Config,
  ConfigError,
  FORMER_NAMES,
  flagOf,
  resolveConfig,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  variableOf,
} from './config.ts';

export type CommandLine =
  | { readonly type: 'run'; readonly config: Config }
  | { readonly type: 'help' }
  | { readonly type: 'version' };

/**
 * Flags win over variables, and variables over defaults.
 *
 * @throws ConfigError that names every problem, an unknown flag or `BROKER_…` name among them
 */
export function readCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const problems: string[] = [];
  const { asks, flags } = readFlags(argv, problems);
  if (asks !== null) return { type: asks };

  const given = new Map([...readVariables(env, problems), ...flags]);
  const values: Record<string, unknown> = {};
  for (const [name, { source, texts }] of given) {
    const read = SETTINGS[name].read(texts);
    if (read.type === 'value') values[name] = read.value;
    else problems.push(`${source} ${texts.join(',')}: ${read.text}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { type: 'run', config: resolveConfig(values) };
}

/** The text of `--help`; `command` is the one that the reader typed. */
export function helpText(command: string): string {
  const rows = SETTING_NAMES.map((name) => {
    const { about, bounds } = SETTINGS[name];
    return `  ${flagOf(name)}  ${about}\n      ${bounds}; default ${defaultOf(name)}; ${variableOf(name)}`;
  });
  return `Stomping Ground: a STOMP broker with chat rooms

Usage: ${command} [--name value …]

${rows.join('\n')}
  --help, -h  prints this
  --version, -v  prints the version

PORT and HOST are understood as well. A flag goes before its variable.
`;
}

/** The table of settings in docs/settings.md. */
export function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { about, bounds } = SETTINGS[name];
    const cells = [`\`${flagOf(name)}\``, `\`${defaultOf(name)}\``, bounds, about];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  return `| flag | default | values | |\n|---|---|---|---|\n${rows.join('')}`;
}

/** A setting's default as one would write it. */
function defaultOf(name: SettingName): string {
  const { default: given, shown } = SETTINGS[name];
  return shown ?? (Array.isArray(given) ? 'none' : String(given));
}

/** Every name that a setting may be given by, with the setting. */
const NAMES: readonly (readonly [written: string, name: SettingName])[] = [
  ...Object.entries(FORMER_NAMES),
  ...SETTING_NAMES.map((name) => [name, name] as const),
];

interface Given {
  readonly source: string;
  readonly texts: readonly string[];
}

function readFlags(argv: readonly string[], problems: string[]) {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: true }> = {};
  const names = new Map<string, SettingName>();
  for (const [written, name] of NAMES) {
    const type = SETTINGS[name].isFlag ? 'boolean' : 'string';
    options[flagOf(written).slice(2)] = { type, multiple: true };
    names.set(flagOf(written), name);
  }
  const questions = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  } as const;
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, ...questions },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<SettingName, Given>();
  let asks: 'help' | 'version' | null = null;
  let unknownAt = -1;
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // A text after an unknown flag is probably its value, so only the flag is reported.
      if (at === 0 || unknownAt !== at - 1)
        problems.push(`${token.value}: there is no such argument`);
      continue;
    }
    const name = names.get(token.rawName);
    if (token.name === 'help' || token.name === 'version') asks ??= token.name;
    else if (name === undefined) {
      unknownAt = token.inlineValue ? -1 : at;
      problems.push(`${token.rawName}: there is no such setting`);
    } else if (token.value === undefined && SETTINGS[name].isFlag) {
      flags.set(name, { source: token.rawName, texts: ['true'] });
    } else if (token.value === undefined) problems.push(`${token.rawName}: needs a value`);
    else {
      const before = Array.isArray(SETTINGS[name].default) ? flags.get(name)?.texts : undefined;
      flags.set(name, { source: token.rawName, texts: [...(before ?? []), token.value] });
    }
  }
  return { asks, flags };
}

function readVariables(env: NodeJS.ProcessEnv, problems: string[]): Map<SettingName, Given> {
  const given = new Map<SettingName, Given>();
  // Hosting services set PORT and HOST; the BROKER_ variables win over them.
  for (const [variable, name] of [
    ['PORT', 'port'],
    ['HOST', 'host'],
  ] as const) {
    if (env[variable]) given.set(name, { source: variable, texts: [env[variable]] });
  }
  const names = new Map(NAMES.map(([written, name]) => [variableOf(written), name]));
  for (const [variable, value = ''] of Object.entries(env)) {
    if (!variable.startsWith('BROKER_')) continue;
    const name = names.get(variable);
    if (name === undefined) problems.push(`${variable}: there is no such setting`);
    else given.set(name, { source: variable, texts: [value] });
  }
  return given;
}
