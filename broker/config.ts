// Every setting in one table: it parses, it sets defaults, and `--help` and docs/settings.md print it.
// A setting's flag and variable are its name: `heartBeatMs` is `--heart-beat-ms` and
// BROKER_HEART_BEAT_MS.

import { DEFAULT_ENDPOINT, DEFAULT_PREFIXES } from '../shared/destinations.ts';
import {
  addressRanges,
  integer,
  list,
  oneOf,
  optional,
  type Setting,
  text,
  toggle,
} from './setting.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const HOUR_MS = 3_600_000;
const COUNT_MAX = 100_000_000;

const path = { bounds: 'a path that begins with "/"', pattern: /^(\/[\w.-]+)+$/ };
const bytes = (about: string, given: number, from = 1) =>
  integer({ about, default: given, from, to: 4 * KIB * MIB });
const count = (about: string, given: number, from = 1) =>
  integer({ about, default: given, from, to: COUNT_MAX });
const ms = (about: string, given: number, from = 1) =>
  integer({ about, default: given, from, to: HOUR_MS });

export const SETTINGS = {
  port: integer({
    about: 'HTTP and WebSocket; 0 takes a free one',
    default: 8_080,
    from: 0,
    to: 65_535,
  }),
  host: text({
    about: 'address to listen on',
    bounds: 'a host name or an address',
    default: '127.0.0.1',
    pattern: /^[\w.:-]+$/,
  }),
  engine: oneOf(['memory', 'embedded'], {
    about: 'where rooms are kept: embedded is on disk, memory forgets with the process',
    default: 'embedded',
  }),
  dataDir: text({
    about: 'folder of the embedded engine, of one process at a time; memory writes nothing',
    bounds: 'a path',
    default: './data',
    pattern: /./,
  }),
  tcpPort: optional('off', {
    about: 'plain STOMP, usually 61613; 0 takes a free one',
    from: 0,
    to: 65_535,
  }),
  allowHost: list({
    about:
      'further host names by which the server may be asked, and where it does not listen on a loopback address the only ones; * is every one',
    bounds: 'a host name or an address without a port, or *',
    pattern: /^(\*|[\w.-]+|\[?[\dA-Fa-f:.]+\]?)$/,
  }),
  allowOrigin: list({
    about:
      'further origins whose pages may connect; * is every one, and in an origin one label of its ' +
      'host name, or any port',
    bounds:
      'an origin such as https://example.org, https://*.example.org or http://localhost:*, or *',
    pattern: /^(\*|null|file:\/\/|[a-z][a-z0-9+.-]*:\/\/(\*\.)?[a-z0-9.:[\]_-]+(:\*)?)$/,
  }),
  trustProxy: addressRanges({
    about:
      'peers that may say, by Forwarded or X-Forwarded-…, who their client is and what it asked',
  }),
  trustLogin: toggle({
    about: "a client's login is its user's name, unchecked: only where every client may be trusted",
  }),
  chatRate: count(
    'messages per second of one user, or of one session without a user, into the chat, twice as ' +
      'many at once; a large one counts once for each KiB; 0 is no limit',
    50,
    0,
  ),
  chatAddressRate: count(
    'messages per second of one address into the chat, five times as many at once, so that a guest ' +
      'gains nothing by a reconnect; 0 is no limit',
    2_000,
    0,
  ),
  chatBodyBytes: bytes(
    'largest body of a message into the chat; parsing 64 KiB of JSON may take 8 ms',
    64 * KIB,
  ),
  logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'], {
    about: 'what is written to standard error',
    default: 'info',
  }),
  endpoint: text({ ...path, about: 'where SockJS and WebSocket are', default: DEFAULT_ENDPOINT }),
  appPrefix: text({
    ...path,
    about: 'destinations that handlers answer',
    default: DEFAULT_PREFIXES.app,
  }),
  topicPrefix: text({
    ...path,
    about: 'destinations that everyone hears',
    default: DEFAULT_PREFIXES.topic,
  }),
  queuePrefix: text({
    ...path,
    about: 'destinations with one receiver a message',
    default: DEFAULT_PREFIXES.queue,
  }),
  userPrefix: text({
    ...path,
    about: 'destinations of one session',
    default: DEFAULT_PREFIXES.user,
  }),
  bodyBytes: bytes('largest body of a frame', MIB),
  headerBytes: bytes('longest header line', 8 * KIB, 64),
  headerCountMax: count('headers of a frame', 100, 8),
  connectBytes: bytes(
    'bytes that a connection may send until its CONNECT frame is complete, as nobody knows yet who it is',
    16 * KIB,
    256,
  ),
  subscriptionsMax: count('subscriptions of a session', 1_000),
  subscriptionsPerDestinationMax: count(
    'subscriptions of a session to one topic, pattern or answer, as each gets a copy of every message; queues are exempt',
    8,
  ),
  refusalsMax: count(
    'refusals of a session within the time of --refusals-window-ms before it is ended; 0 is no limit',
    100,
    0,
  ),
  refusalsWindowMs: ms('see --refusals-max', 10_000),
  patternsMax: count('different patterns that are subscribed to, over all sessions', 10_000),
  patternsPerSessionMax: count('patterns that a session is subscribed to', 100),
  patternsPerAddressMax: count(
    'patterns that the sessions of one address are subscribed to, so that none takes those of all',
    1_000,
  ),
  patternMatchNodesMax: count(
    'segments of patterns that are looked at for one destination, whichever it is; one address may cause a quarter of them',
    512,
    16,
  ),
  patternsSeePrivate: toggle({
    about: 'patterns match what only the application sends too, the rooms of the chat among it',
  }),
  prefetchCount: count(
    'deliveries that may wait for their ACK where a SUBSCRIBE has no prefetch-count',
    100,
  ),
  prefetchMax: count('what a prefetch-count may ask for', 10_000),
  openDeliveriesMax: count('deliveries of a session that wait for their ACK', 100_000),
  takeBytes: bytes(
    'unsent bytes of a connection above which queues and histories wait',
    256 * KIB,
    64 * KIB,
  ),
  transactionsMax: count('open transactions of a session', 16),
  transactionFramesMax: count('frames of a transaction', 1_024),
  transactionBytesMax: bytes('bytes of all open transactions of a session', 4 * MIB),
  queuesMax: count('queues that have messages or consumers', 10_000),
  queuesPerSessionMax: count('queues that one session has made', 1_000),
  queuesPerAddressMax: count(
    'queues that one user, or else one address, has made: half of all, so that others can make some',
    5_000,
  ),
  queueCount: count('messages of a queue', 10_000),
  queueBytes: bytes('bytes of a queue', 64 * MIB),
  queueMemoryBytes: bytes('bytes of all queues', 256 * MIB),
  queueBytesPerSession: bytes('bytes in queues that one session has sent', 64 * MIB),
  queueBytesPerAddress: bytes(
    'bytes in queues that one user, or else one address, has sent: half of all, so that others ' +
      'find room',
    128 * MIB,
  ),
  queueExpireMs: integer({
    about:
      'time after which a queue to which nobody has sent or subscribed is dropped with its ' +
      'messages, but no dead-letter queue; 0 is never',
    default: 0,
    from: 0,
    to: 365 * 24 * HOUR_MS,
  }),
  queueDeliveriesMax: count('deliveries of a message before it goes to the dead', 10),
  queueRetryMs: ms('what a message waits after a NACK, doubled each time', 1_000),
  membershipsMax: count('rooms, or names in rooms, that a session is in', 100),
  connectionsMax: count('open connections', 100_000),
  connectionsPerAddressMax: count('open connections from one address', 20_000),
  connectRefillMs: ms(
    'time after which an address that has opened as many connections as it may can open so many ' +
      'again, as each costs a handshake; 0 is no limit',
    10_000,
    0,
  ),
  frameRate: count(
    'frames per second of one user, or else of one address, twice as many at once; beyond it they ' +
      'are read more slowly; 0 is no limit',
    20_000,
    0,
  ),
  sendRate: count(
    'SENDs per second of one user, or else of one address, twice as many at once, as each is ' +
      'committed and delivered; beyond it they are read more slowly; 0 is no limit',
    10_000,
    0,
  ),
  subscribeRate: count(
    'SUBSCRIBEs per second of one user, or else of one address, twice as many at once; beyond it ' +
      'they are read more slowly; 0 is no limit',
    10_000,
    0,
  ),
  historyRate: count(
    'SUBSCRIBEs per second that read a history, of one user, or else of one address, twice as many ' +
      'at once; beyond it they are read more slowly; 0 is no limit',
    2_000,
    0,
  ),
  historyPageRate: count(
    'pages of histories per second over HTTP to one address, five times as many at once, as each ' +
      'is read and encoded; 0 is no limit',
    200,
    0,
  ),
  unsentBytesMax: bytes('unsent bytes of a connection before it is shed', 4 * MIB),
  memoryBudgetBytes: optional('auto', {
    about:
      'bytes that may wait in memory over all sessions before those that hold the most are shed; ' +
      'auto is the smaller of 512 MiB and half of the heap limit of V8',
    from: MIB,
    to: 64 * KIB * MIB,
  }),
  appendsMax: count(
    'messages of a session that wait for their commit before it is no longer read',
    1_024,
  ),
  appendBytesMax: bytes(
    'bytes of a session that wait for their commit before it is no longer read',
    4 * MIB,
  ),
  clientAppendsMax: count(
    'messages of one user, or else of one address, that wait for their commit before none of its ' +
      'sessions is read',
    2_048,
  ),
  clientAppendBytesMax: bytes('the same in bytes; each session may add one frame', 8 * MIB),
  pendingAppendsMax: count('messages that wait for their commit before no session is read', 65_536),
  pendingAppendBytes: bytes(
    'bytes that wait for their commit before no session is read; each session may add one frame',
    32 * MIB,
  ),
  connectTimeoutMs: ms('time for the CONNECT frame', 10_000),
  headersTimeoutMs: ms('time for the head of an HTTP request', 10_000),
  requestTimeoutMs: ms(
    'time for the body of an HTTP request, and a second more for each KiB of it that came',
    30_000,
  ),
  keepAliveMs: ms('how long an HTTP connection may wait for its next request', 5_000),
  sendTimeoutMs: ms(
    'how long a client may take none of what waits for it before its connection ends',
    30_000,
  ),
  frameTimeoutMs: ms('silence in the middle of a frame', 30_000),
  heartBeatMs: ms('STOMP heart-beat each way; 0 is none', 10_000, 0),
  browserSilenceMs: ms('silence after which a browser is given up', 90_000),
  probeMs: ms('how often browsers are asked for a sign of life', 25_000),
  lingerMs: ms('time for a closing connection to take what is left', 2_000),
  stopMs: ms('time for all connections to close at a stop', 3_000),
  graceMs: ms('how long a person who lost the connection still counts as in the room', 10_000),
  restartGraceMs: ms('how long a person of before a restart may take to come back', 30_000),
  gatherMs: ms('how long changes of presence and lobby are gathered', 250),
  presenceNamesMax: count('names in one message of presence', 200),
  roomsMax: count('rooms', 10_000),
  newRoomsPerHour: count(
    'rooms that one address may create in an hour, by name or as the first to enter, so that no one ' +
      'fills all places; 0 is no limit',
    300,
    0,
  ),
  roomIdleSeconds: count(
    'how long a named room without people and messages stays when nobody uses it, in seconds; 0 is ' +
      'for ever',
    86_400,
    0,
  ),
  roomListMax: count('rooms in one list', 1_000),
  historyCount: count('messages that a room keeps', 10_000),
  historyBytes: bytes('bytes that a room keeps', 64 * MIB),
  historySeconds: count('how long a room keeps a message, in seconds; 0 is for ever', 0, 0),
  pagesBytes: bytes(
    'bytes of histories that are kept ready for more who catch up, and as many for those who read ' +
      'them over HTTP; 0 keeps none',
    16 * MIB,
    0,
  ),
  deduplicationCount: count(
    'newest messages of a room whose ids are remembered for deduplication',
    10_000,
  ),
  deduplicationSeconds: count('seconds for which such an id is remembered', 86_400),
  memoryBytes: bytes('bytes that the memory engine keeps over all rooms', 256 * MIB),
  storeRetryMs: ms(
    'how long the embedded engine may fail to write before it accepts nothing until it can again',
    600_000,
  ),
  storeBytesMax: integer({
    about:
      'bytes of messages that the embedded engine keeps over all rooms; beyond that the oldest of all ' +
      'rooms go first, so that no disk is filled; the file takes up to 2.3 times as much',
    default: 8 * KIB * MIB,
    from: MIB,
    to: MIB * MIB,
  }),
  streamsMax: count(
    'destinations that are kept; those without messages make room for new ones, and keep their positions',
    20_000,
  ),
  dormantStreamsMax: count(
    'destinations without messages whose positions are remembered beyond that, in 150 bytes of disk each; ' +
      'beyond these, new destinations begin above the positions that were forgotten',
    1_000_000,
  ),
};

export type Config = {
  readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};
export type SettingName = keyof Config;

/** Former names of settings, which are still accepted until the next minor version. */
export const FORMER_NAMES: Readonly<Record<string, SettingName>> = {
  repeatCount: 'deduplicationCount',
  repeatSeconds: 'deduplicationSeconds',
};

/** All problems of a configuration, told together. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** As `heartBeatMs` is written on the command line: `--heart-beat-ms`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** As it is written in the environment: `BROKER_HEART_BEAT_MS`. */
export function variableOf(name: string): string {
  return `BROKER_${flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isName);

/**
 * Settings from code: what is not given is the default.
 *
 * @throws ConfigError that names every problem
 */
export function resolveConfig(given: Readonly<Record<string, unknown>>): Config {
  const problems: string[] = [];
  const known = new Map<SettingName, unknown>();
  for (const [written, value] of Object.entries(given)) {
    const former = Object.hasOwn(FORMER_NAMES, written) ? FORMER_NAMES[written] : undefined;
    const name = former ?? written;
    if (!isName(name)) problems.push(`${written}: there is no such setting`);
    else if (value !== undefined && !(former !== undefined && known.has(name))) {
      const problem = SETTINGS[name].problemOf(value);
      if (problem !== null) problems.push(`${written}: ${problem}`);
      known.set(name, value);
    }
  }
  const values = SETTING_NAMES.map((name) => [name, known.get(name) ?? SETTINGS[name].default]);
  // Each was held against its own row of the table above.
  const config = Object.fromEntries(values) as Config;
  if (problems.length === 0) problems.push(...overlapsOf(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/** A destination must be of one kind: no prefix may stand below another one, or be the same. */
function overlapsOf(config: Config): string[] {
  const names = ['appPrefix', 'queuePrefix', 'topicPrefix', 'userPrefix'] as const;
  const pairs = names.flatMap((one) => names.map((other) => [one, other] as const));
  return pairs
    .filter(([one, other]) => one !== other && `${config[one]}/`.startsWith(`${config[other]}/`))
    .map(([one, other]) => `${flagOf(one)} ${config[one]}: stands at or below ${flagOf(other)}`);
}

/** Whether there is a setting of this name. */
export function isName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
