// All settings in one table, which parses them and gives their defaults. `--help` and
// docs/settings.md are generated from it. The flag and the environment variable of a setting follow
// from its name: `heartBeatMs` is `--heart-beat-ms` and BROKER_HEART_BEAT_MS.

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
    about: 'port of HTTP and WebSocket; 0 takes a free one',
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
    about:
      'where rooms are kept: embedded keeps them on disk, memory forgets them with the ' +
      'process',
    default: 'embedded',
  }),
  dataDir: text({
    about:
      'data folder of the embedded engine, for one process at a time; the memory engine ' +
      'writes nothing',
    bounds: 'a path',
    default: './data',
    pattern: /./,
  }),
  tcpPort: optional('off', {
    about: 'port of plain STOMP over TCP, usually 61613; 0 takes a free one',
    from: 0,
    to: 65_535,
  }),
  allowHost: list({
    about:
      'further host names that requests may ask for; if the server does not listen on a ' +
      'loopback address, the only ones; * allows every name',
    bounds: 'a host name or an address without a port, or *',
    pattern: /^(\*|[\w.-]+|\[?[\dA-Fa-f:.]+\]?)$/,
  }),
  allowOrigin: list({
    about:
      'further origins whose pages may connect; * allows every origin, and within an ' +
      'origin it stands for one label of the host name, or for any port',
    bounds:
      'an origin such as https://example.org, https://*.example.org or http://localhost:*, or *',
    pattern: /^(\*|null|file:\/\/|[a-z][a-z0-9+.-]*:\/\/(\*\.)?[a-z0-9.:[\]_-]+(:\*)?)$/,
  }),
  trustProxy: addressRanges({
    about:
      'proxies that are believed when Forwarded or X-Forwarded-… says who their client is ' +
      'and what it asked for',
  }),
  trustLogin: toggle({
    about:
      "a client's login becomes its user's name, unchecked: only where every client can be " +
      'trusted',
  }),
  chatRate: count(
    'chat messages per second of one user, or of one session without a user, and twice ' +
      'as many at once; each KiB of a message counts as one; 0 is no limit',
    50,
    0,
  ),
  chatAddressRate: count(
    'chat messages per second of one address, and five times as many at once, so that a ' +
      'guest gains nothing by reconnecting; 0 is no limit',
    2_000,
    0,
  ),
  chatBodyBytes: bytes(
    'largest body of a chat message, as parsing 64 KiB of JSON may take 8 ms',
    64 * KIB,
  ),
  logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'], {
    about: 'lowest level of the lines that are written to standard error',
    default: 'info',
  }),
  endpoint: text({ ...path, about: 'path of SockJS and WebSocket', default: DEFAULT_ENDPOINT }),
  appPrefix: text({
    ...path,
    about: 'prefix of destinations that handlers answer',
    default: DEFAULT_PREFIXES.app,
  }),
  topicPrefix: text({
    ...path,
    about: 'prefix of destinations whose messages go to every subscriber',
    default: DEFAULT_PREFIXES.topic,
  }),
  queuePrefix: text({
    ...path,
    about: 'prefix of destinations whose messages go to one subscriber each',
    default: DEFAULT_PREFIXES.queue,
  }),
  userPrefix: text({
    ...path,
    about: 'prefix of destinations of one session or one user',
    default: DEFAULT_PREFIXES.user,
  }),
  bodyBytes: bytes('largest body of a frame', MIB),
  headerBytes: bytes('longest header line', 8 * KIB, 64),
  headerCountMax: count('most headers of a frame', 100, 8),
  connectBytes: bytes(
    'most bytes that a connection may send until its CONNECT frame is complete, as ' +
      'nobody knows yet who it is',
    16 * KIB,
    256,
  ),
  subscriptionsMax: count('most subscriptions of a session', 1_000),
  subscriptionsPerDestinationMax: count(
    'most subscriptions of a session to one topic, pattern or answer, as each gets a ' +
      'copy of every message; queues are exempt',
    8,
  ),
  refusalsMax: count(
    'refusals of a session within --refusals-window-ms after which it is ended; 0 is no ' + 'limit',
    100,
    0,
  ),
  refusalsWindowMs: ms(
    'time in which the refusals of a session are counted, see --refusals-max',
    10_000,
  ),
  patternsMax: count('most different patterns that are subscribed to, over all sessions', 10_000),
  patternsPerSessionMax: count('most subscriptions of a session to patterns', 100),
  patternsPerAddressMax: count(
    'most subscriptions to patterns of the sessions of one address, so that none takes ' +
      'all of --patterns-max',
    1_000,
  ),
  patternMatchNodesMax: count(
    'most segments of patterns that a destination is compared with; the patterns of one ' +
      'address may cause a quarter of them',
    512,
    16,
  ),
  patternsSeePrivate: toggle({
    about:
      'patterns also match topics to which only the application sends, such as the rooms ' +
      'of the chat',
  }),
  prefetchCount: count(
    'deliveries that may wait for their ACK if the SUBSCRIBE has no prefetch-count',
    100,
  ),
  prefetchMax: count('largest prefetch-count that a SUBSCRIBE may ask for', 10_000),
  openDeliveriesMax: count('most deliveries of a session that wait for their ACK', 100_000),
  takeBytes: bytes(
    'unsent bytes of a connection above which queues and histories wait',
    256 * KIB,
    64 * KIB,
  ),
  transactionsMax: count('most open transactions of a session', 16),
  transactionFramesMax: count('most frames of a transaction', 1_024),
  transactionBytesMax: bytes('most bytes of all open transactions of a session', 4 * MIB),
  queuesMax: count('most queues that have messages or consumers', 10_000),
  queuesPerSessionMax: count('most queues that one session has made', 1_000),
  queuesPerAddressMax: count(
    'most queues that one user, or else one address, has made: half of all, so that ' +
      'others can make some',
    5_000,
  ),
  queueCount: count('most messages of a queue', 10_000),
  queueBytes: bytes('most bytes of a queue', 64 * MIB),
  queueMemoryBytes: bytes('most bytes of all queues', 256 * MIB),
  queueBytesPerSession: bytes('most bytes in queues that one session has sent', 64 * MIB),
  queueBytesPerAddress: bytes(
    'most bytes in queues that one user, or else one address, has sent: half of all, so ' +
      'that others find room',
    128 * MIB,
  ),
  queueExpireMs: integer({
    about:
      'time after which a queue to which nobody has sent or subscribed is dropped with its ' +
      'messages; dead-letter queues are exempt; 0 is never',
    default: 0,
    from: 0,
    to: 365 * 24 * HOUR_MS,
  }),
  queueDeliveriesMax: count(
    'deliveries of a message after which it is moved to the dead-letter queue',
    10,
  ),
  queueRetryMs: ms('time that a message waits after a NACK, doubled each time', 1_000),
  membershipsMax: count(
    'most memberships of a session: rooms that it is in, or names in rooms',
    100,
  ),
  connectionsMax: count('most open connections', 100_000),
  connectionsPerAddressMax: count('most open connections of one address', 20_000),
  connectRefillMs: ms(
    'time in which an address that has opened as many connections as it may can open as ' +
      'many again, as each costs a handshake; 0 is no limit',
    10_000,
    0,
  ),
  frameRate: count(
    'frames per second of one user, or else of one address, and twice as many at once; ' +
      'beyond it the sessions are read more slowly; 0 is no limit',
    20_000,
    0,
  ),
  sendRate: count(
    'SENDs per second of one user, or else of one address, and twice as many at once, as ' +
      'each is committed and delivered; beyond it the sessions are read more slowly; 0 is ' +
      'no limit',
    10_000,
    0,
  ),
  subscribeRate: count(
    'SUBSCRIBEs per second of one user, or else of one address, and twice as many at ' +
      'once; beyond it the sessions are read more slowly; 0 is no limit',
    10_000,
    0,
  ),
  historyRate: count(
    'SUBSCRIBEs per second that read a history, of one user, or else of one address, and ' +
      'twice as many at once; beyond it the sessions are read more slowly; 0 is no limit',
    2_000,
    0,
  ),
  historyPageRate: count(
    'pages of histories per second over HTTP to one address, and five times as many at ' +
      'once, as each is read and encoded; 0 is no limit',
    200,
    0,
  ),
  unsentBytesMax: bytes('unsent bytes of a connection above which it is shed', 4 * MIB),
  memoryBudgetBytes: optional('auto', {
    about:
      'bytes that may wait in memory over all sessions before those that hold the most are ' +
      'shed; auto is the smaller of 512 MiB and half of the heap limit of V8',
    from: MIB,
    to: 64 * KIB * MIB,
  }),
  appendsMax: count(
    'messages of a session that may wait for their commit before it is no longer read',
    1_024,
  ),
  appendBytesMax: bytes(
    'bytes of a session that may wait for their commit before it is no longer read',
    4 * MIB,
  ),
  clientAppendsMax: count(
    'messages of one user, or else of one address, that may wait for their commit before ' +
      'none of its sessions is read',
    2_048,
  ),
  clientAppendBytesMax: bytes(
    'bytes of one user, or else of one address, that may wait for their commit before ' +
      'none of its sessions is read; each session may add one frame',
    8 * MIB,
  ),
  pendingAppendsMax: count(
    'messages that may wait for their commit before no session is read',
    65_536,
  ),
  pendingAppendBytes: bytes(
    'bytes that may wait for their commit before no session is read; each session may ' +
      'add one frame',
    32 * MIB,
  ),
  connectTimeoutMs: ms('time for the CONNECT frame, and for deciding on the login', 10_000),
  headersTimeoutMs: ms('time for the head of an HTTP request', 10_000),
  requestTimeoutMs: ms(
    'time for the body of an HTTP request, and a second more for each KiB of it that came',
    30_000,
  ),
  keepAliveMs: ms('time that an HTTP connection may wait for its next request', 5_000),
  sendTimeoutMs: ms(
    'time that a client may take none of the bytes that wait for it before its ' +
      'connection ends',
    30_000,
  ),
  frameTimeoutMs: ms('longest silence in the middle of a frame', 30_000),
  heartBeatMs: ms('interval of STOMP heart-beats each way; 0 is none', 10_000, 0),
  browserSilenceMs: ms(
    'silence after which a browser is given up, as background tabs run timers once a ' + 'minute',
    90_000,
  ),
  probeMs: ms('interval at which browsers are asked for a sign of life', 25_000),
  lingerMs: ms('time for a closing connection to take what was already said to it', 2_000),
  stopMs: ms('time for all connections to close when the server stops', 3_000),
  graceMs: ms(
    'grace period in which a person whose connection was lost still counts as in the room',
    10_000,
  ),
  restartGraceMs: ms('the same for people who were in a room when the server stopped', 30_000),
  gatherMs: ms('time for which changes of presence and of the lobby are gathered into one', 250),
  presenceNamesMax: count('most names in one message of presence', 200),
  roomsMax: count('most rooms', 10_000),
  newRoomsPerHour: count(
    'rooms that one address may create in an hour, by name or as the first to enter, so ' +
      'that no one takes all places; 0 is no limit',
    300,
    0,
  ),
  roomIdleSeconds: count(
    'time for which a named room without people and messages stays when nobody uses it, ' +
      'in seconds; 0 is for ever',
    86_400,
    0,
  ),
  roomListMax: count('most rooms in one list', 1_000),
  historyCount: count('most messages that a room keeps', 10_000),
  historyBytes: bytes('most bytes that a room keeps', 64 * MIB),
  historySeconds: count('time for which a room keeps a message, in seconds; 0 is for ever', 0, 0),
  pagesBytes: bytes(
    'bytes of encoded pages of histories that are kept for others who catch up, and as ' +
      'many for those who read over HTTP; 0 keeps none',
    16 * MIB,
    0,
  ),
  deduplicationCount: count(
    'newest messages of a room whose ids are remembered for deduplication',
    10_000,
  ),
  deduplicationSeconds: count('time for which such an id is remembered, in seconds', 86_400),
  memoryBytes: bytes('most bytes that the memory engine keeps over all rooms', 256 * MIB),
  storeRetryMs: ms(
    'time without a successful write after which the embedded engine refuses everything, ' +
      'and new connections are refused, until it can write again',
    600_000,
  ),
  storeBytesMax: integer({
    about:
      'bytes of messages that the embedded engine keeps over all rooms; beyond that the ' +
      'oldest messages go first, so that the disk does not fill; the file takes up to 2.3 ' +
      'times as much',
    default: 8 * KIB * MIB,
    from: MIB,
    to: MIB * MIB,
  }),
  streamsMax: count(
    'most destinations that are kept; those without messages make room for new ones, and ' +
      'keep their positions',
    20_000,
  ),
  dormantStreamsMax: count(
    'destinations without messages whose positions are remembered beyond --streams-max, ' +
      'in 150 bytes of disk each; if more are needed, new destinations begin above the ' +
      'positions that were forgotten',
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

/** Thrown for an invalid configuration; it names all problems at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The flag of a setting, such as `--heart-beat-ms` for `heartBeatMs`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of a setting, such as `BROKER_HEART_BEAT_MS` for `heartBeatMs`. */
export function variableOf(name: string): string {
  return `BROKER_${flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isName);

/**
 * Validates settings that are given in code, and adds the defaults of all others.
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
  // Each value was validated by its own row of the table above.
  const config = Object.fromEntries(values) as Config;
  if (problems.length === 0) problems.push(...overlapsOf(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/** A destination must have one kind, so no prefix may equal another or be below it. */
function overlapsOf(config: Config): string[] {
  const names = ['appPrefix', 'queuePrefix', 'topicPrefix', 'userPrefix'] as const;
  const pairs = names.flatMap((one) => names.map((other) => [one, other] as const));
  return pairs
    .filter(([one, other]) => one !== other && `${config[one]}/`.startsWith(`${config[other]}/`))
    .map(([one, other]) => `${flagOf(one)} ${config[one]}: stands at or below ${flagOf(other)}`);
}

/** True if there is a setting of this name. */
export function isName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
