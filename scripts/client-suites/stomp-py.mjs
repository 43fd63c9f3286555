// The suite of stomp.py: pytest, in a virtual environment beside the copy. It knows a host and a
// port for each of five brokers; here all five are the same server.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyLeftOut } from './left-out.mjs';
import { freePortBelow, USUAL_TCP_PORT } from './peer.mjs';
import { lastLines, runLogged } from './process.mjs';

const INSTALL_MS = 300_000;
const RUN_MS = 900_000;
/** Their waits have no end of their own; the longest test that passes takes 10 s. */
const TEST_S = 30;
/** Its own dependencies come with it; these run the tests, and end one that hangs. */
const TOOLS = ['pytest>=7.2', 'pytest-mock>=3.10', 'pytest-timeout>=2.1'];
/** Port on which tests that need no server listen themselves. */
const OWN_PORT = 60_000;
/** The lowest port that systems give to outgoing connections. */
const OUTGOING_PORTS_FROM = 32_768;
/** Reloads modules that others use: its marks ask for the last place. */
const LAST = 'tests/test_ssl.py::TestSSLFailure';

export const stompPySuite = {
  name: 'stomp.py',
  variants: ['over TCP and WebSocket'],
  wantsUsualPort: true,
  wantsIpv6: true,

  problemOf(folder) {
    if (!existsSync(folder)) return 'there is no such folder';
    if (versionOf(folder) === null)
      return 'this is not stomp.py: it has no pyproject.toml of "stomp.py"';
    if (!existsSync(join(folder, 'tests', 'setup.ini')))
      return 'this has no tests/setup.ini: a checkout of the repository is needed';
    return null;
  },

  async install(folder) {
    const log = join(folder, 'install.log');
    const options = { cwd: folder, log, timeoutMs: INSTALL_MS };
    const made = await runLogged('python3', ['-m', 'venv', environmentOf(folder)], options);
    if (made !== 0) throw new Error(`python3 made no venv: ${lastLines(log)}`);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const code = await runLogged(pythonOf(folder), [...pip, folder, ...TOOLS], options);
    if (code !== 0) throw new Error(`pip could not install it:\n${lastLines(log)}`);
  },

  async run({ folder, peer }) {
    pointTestsAtServer(folder, peer);
    await moveItsOwnServer(folder);
    const names = await collect(folder);
    const why = (name) => whyLeftOut('stomp.py', name) ?? whyNotHere(name, peer);
    const leftOut = names.filter((name) => why(name) !== null);
    const tests = await runTests(
      folder,
      names.filter((name) => why(name) === null),
    );
    return {
      suite: `stomp.py ${versionOf(folder)}`,
      tests: [
        ...tests,
        ...leftOut.map((name) => ({ name, outcome: 'left out', detail: why(name) })),
      ],
    };
  },
};

function pointTestsAtServer(folder, { ws, tcp, tcp6 }) {
  const { hostname, port, pathname } = new URL(ws);
  const plain = { ...tcp, user: 'guest', password: 'guest' };
  const sections = {
    default: { ...plain, ssl_port: 1, ssl_expired_port: 1 },
    ipv6: tcp6 ?? { host: '::1', port: 1 },
    rabbitmq: plain,
    rabbitmq_ws: { host: hostname, port, user: 'guest', password: 'guest' },
    stompserver: plain,
    sni: { host: 'localhost', ssl_port: 1 },
    artemis: plain,
  };
  const lines = Object.entries(sections).flatMap(([name, values]) => [
    `[${name}]`,
    ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
  ]);
  writeFileSync(join(folder, 'tests', 'setup.ini'), `${lines.join('\n')}\n`);

  // The path of the WebSocket is the one part of an address that the settings do not hold.
  edit(join(folder, 'tests', 'test_rabbitmq_ws.py'), 'ws_path="/ws"', `ws_path="${pathname}"`);
}

/** Some tests play the server themselves, on a port that connections of others may have. */
async function moveItsOwnServer(folder) {
  const port = await freePortBelow(OUTGOING_PORTS_FROM);
  for (const file of readdirSync(join(folder, 'tests')))
    if (file.endsWith('.py')) edit(join(folder, 'tests', file), `${OWN_PORT}`, `${port}`);
}

function edit(file, from, to) {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
}

/** The reason why a test cannot run on this machine now, with any server; null if it can. */
function whyNotHere(name, { tcp, tcp6 }) {
  const usual = ['test_default_to_localhost', 'test_host_bind_port'];
  if (tcp.port !== USUAL_TCP_PORT && usual.some((test) => name.endsWith(`::${test}`)))
    return `it can reach port ${USUAL_TCP_PORT} only, and something else is there`;
  if (tcp6 === null && name.startsWith('tests/test_ipv6.py')) return 'the server has no IPv6 here';
  return null;
}

async function collect(folder) {
  const log = join(folder, 'collect.log');
  const args = ['-m', 'pytest', 'tests', '--collect-only', '--quiet'];
  const code = await runLogged(pythonOf(folder), args, { cwd: folder, log, timeoutMs: INSTALL_MS });
  const text = readFileSync(log, 'utf8');
  if (code !== 0) throw new Error(`pytest could not read the tests:\n${lastLines(log)}`);
  return text.split('\n').filter((line) => line.startsWith('tests/') && line.includes('::'));
}

async function runTests(folder, names) {
  const results = join(folder, 'results.xml');
  const log = join(folder, 'pytest.log');
  const isLast = (name) => name.startsWith(LAST);
  const inOrder = [...names.filter((name) => !isLast(name)), ...names.filter(isLast)];
  const args = ['-m', 'pytest', '-v', `--timeout=${TEST_S}`, `--junitxml=${results}`, ...inOrder];
  const code = await runLogged(pythonOf(folder), args, {
    cwd: folder,
    log,
    timeoutMs: RUN_MS,
  });
  if (!existsSync(results))
    throw new Error(`pytest ended with ${code} and no results:\n${lastLines(log)}`);
  return testsOf(readFileSync(results, 'utf8'));
}

/** The results in the file that pytest writes: one element a test, empty if it passed. */
function testsOf(xml) {
  const element = /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  return [...xml.matchAll(element)].map(([, attributes, inside = '']) => {
    const problem = /<(failure|error|skipped)\b[^>]*?message="([^"]*)"/.exec(inside);
    const outcome = { failure: 'failed', error: 'failed', skipped: 'skipped' }[problem?.[1]];
    const place = attributeOf(attributes, 'classname')
      .replaceAll('.', '/')
      .replace(/\/(?=[^/]*$)/, '.py::');
    return {
      name: `${place}::${attributeOf(attributes, 'name')}`,
      outcome: outcome ?? 'passed',
      detail: fromXml(problem?.[2] ?? ''),
    };
  });
}

function attributeOf(attributes, name) {
  return fromXml(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
}

function fromXml(text) {
  const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex, decimal) =>
      String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => entities[name]);
}

function versionOf(folder) {
  const file = join(folder, 'pyproject.toml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!/^name\s*=\s*"stomp\.py"/m.test(text)) return null;
  return /^version\s*=\s*"([^"]+)"/m.exec(text)?.[1] ?? '';
}

function environmentOf(folder) {
  return join(folder, '..', 'python');
}

function pythonOf(folder) {
  return join(environmentOf(folder), 'bin', 'python');
}
