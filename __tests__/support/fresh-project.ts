import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder } from './empty-folder.ts';

/** npm hands what it knows of this project to its scripts; only how to reach the registry stays. */
const KEPT =
  /^npm_config_(cache|cafile|globalconfig|https?_proxy|noproxy|proxy|registry|userconfig)$/i;
const DROPPED = /^(npm_|jest_|node_env$|node_options$|init_cwd$)/i;
/** npm asks for nothing that these tests do not look at. */
const QUIET = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
  npm_config_update_notifier: 'false',
};

/** A project in an empty folder, in which a user types commands. */
export class FreshProject {
  readonly folder = emptyFolder();

  constructor(manifest: object) {
    this.write('package.json', JSON.stringify({ private: true, ...manifest }));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs lines of a shell; gives what they printed. Rejects with that if one fails. */
  run(lines: string): Promise<string> {
    return runIn(this.folder, lines);
  }
}

/** Runs lines of a shell in a folder; gives what they printed. Rejects with that if one fails. */
export async function runIn(folder: string, lines: string): Promise<string> {
  const child = spawn('sh', ['-ec', lines], { cwd: folder, env: userEnvironment() });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${lines} ended with ${code}:\n${output}`);
  return output;
}

function userEnvironment(): NodeJS.ProcessEnv {
  const given = Object.entries(process.env);
  const kept = given.filter(([name]) => KEPT.test(name) || !DROPPED.test(name));
  return { ...Object.fromEntries(kept), ...QUIET };
}
