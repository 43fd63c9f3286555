#!/usr/bin/env node
// The server process: reads settings, starts the server and handles signals.

import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { helpText, readCommandLine } from './command-line.ts';
import { type Config, ConfigError } from './config.ts';
import { createServer, pageFolder } from './server.ts';
import { commandOf, watchNpm } from './started-by.ts';
import { VERSION } from './version.ts';

const BAD_SETTINGS = 2;
const COULD_NOT_START = 1;
const COULD_NOT_STOP = 1;

function readConfig(): Config {
  const command = commandOf(process.argv[1] ?? '', process.env, process.cwd());
  try {
    const read = readCommandLine(process.argv.slice(2), process.env);
    if (read.type === 'run') return read.config;
    process.stdout.write(read.type === 'help' ? helpText(command) : `${VERSION}\n`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${problem}\n`);
    process.stderr.write(`${command} --help lists the settings\n`);
    process.exit(BAD_SETTINGS);
  }
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: false }));
  const hasPage = existsSync(pageFolder);
  if (!hasPage) log.warn({ pageFolder }, 'the page is not built: only the broker is served');
  const server = createServer(config, { log, ...(hasPage ? { pageFolder } : {}) });

  const stop = (signal: string) => {
    log.info({ signal }, 'stopping');
    void server.stop().then(
      () => {
        log.flush();
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'the stop failed');
        log.flush();
        process.exit(COULD_NOT_STOP);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  watchNpm(process.env, () => stop('SIGTERM'));

  try {
    const { tcpPort, url } = await server.start();
    const tcp = tcpPort === null ? '' : `, STOMP over TCP on port ${tcpPort}`;
    process.stdout.write(`Stomping Ground is ready on ${url}${tcp}\n`);
  } catch (error) {
    process.stderr.write(`${startProblem(error, config)}\n`);
    process.exit(COULD_NOT_START);
  }
}

function startProblem(error: unknown, { host, port: httpPort, tcpPort }: Config): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const port = error instanceof Error && 'port' in error ? Number(error.port) : httpPort;
  const flag = port === tcpPort ? '--tcp-port' : '--port';
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is taken: ${flag} takes another, 0 a free one`;
  if (code === 'EACCES')
    return `port ${port} on ${host} is not allowed: take one above 1023 with ${flag}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: --host takes another`;
  return `could not start: ${error instanceof Error ? error.message : String(error)}`;
}

await main();
