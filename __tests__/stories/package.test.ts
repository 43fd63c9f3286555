// The package as a user gets it: built from a clone, and installed in a project that has nothing
// else. The installations take most of the time, so those that can go on together do.

import { cpSync, existsSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { VERSION } from '../../broker/version.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { FreshProject, runIn } from '../support/fresh-project.ts';
import { EXAMPLES, readExample, readReadme } from '../support/readme-example.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startCommand } from '../support/start-process.ts';

/** Far more than installing hundreds of packages takes, from a registry that is there. */
const INSTALL_MS = 300_000;
const NOT_CLONED = ['.git', 'coverage', 'data', 'dist', 'node_modules'];
const TYPESCRIPTS = ['5.9', '7.0'] as const;
const RESOLUTIONS = [
  { module: 'esnext', moduleResolution: 'bundler' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
] as const;
const COMPILERS = TYPESCRIPTS.flatMap((version) =>
  RESOLUTIONS.map((resolution) => ({ version, ...resolution })),
);

const tarball = join(emptyFolder(), `stomping-ground-${VERSION}.tgz`);
let fromGit: FreshProject;
/** Has the package, the compilers and the types of Node. */
let bare: FreshProject;
/** Has what the README's examples import. */
let full: FreshProject;

beforeAll(async () => {
  const clone = await makeClone();
  [fromGit] = await Promise.all([installFromGit(clone), installPacked(clone)]);
}, INSTALL_MS);

/** A repository with what is here and is not ignored, neither installed nor built. */
async function makeClone(): Promise<string> {
  const folder = emptyFolder();
  cpSync('.', folder, { recursive: true, filter: (path) => !NOT_CLONED.includes(path) });
  const author = '-c user.name=test -c user.email=test@example.org';
  await runIn(folder, `git init -q && git add . && git ${author} commit -q -m all`);
  return folder;
}

async function installFromGit(clone: string): Promise<FreshProject> {
  const project = new FreshProject({ scripts: { serve: 'stomping-ground' } });
  await project.run(`npm install git+file://${clone}`);
  return project;
}

async function installPacked(clone: string): Promise<void> {
  // What is installed here serves the clone as well: `prepare` builds, and installs nothing.
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  await runIn(clone, 'npm run prepare');
  await runIn(clone, `npm pack --ignore-scripts --pack-destination ${dirname(tarball)}`);
  const compilers = TYPESCRIPTS.map((one) => `typescript-${one}@npm:typescript@~${one}.0`);
  const imported = ['express', '@types/express', '@jest/globals', '@stomp/stompjs'];
  bare = await installed(...compilers);
  full = await installed(...imported);
}

/** A project of ES modules with the packed package, the types of Node, and more. */
async function installed(...more: string[]): Promise<FreshProject> {
  const project = new FreshProject({ type: 'module' });
  await project.run(`npm install ${tarball} @types/node@20 ${more.join(' ')}`);
  return project;
}

/** Compiles the TypeScript of a project; gives what the compiler printed. */
function compile(
  project: FreshProject,
  { version, ...resolution }: (typeof COMPILERS)[number],
  options: object,
): Promise<string> {
  const compilerOptions = {
    target: 'es2022',
    strict: true,
    noEmit: true,
    ...resolution,
    ...options,
  };
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(bare.folder, 'node_modules', `typescript-${version}`, 'bin', 'tsc');
  return project.run(`node ${compiler} || true`);
}

describe.each(COMPILERS)('with TypeScript $version and $moduleResolution', (compiler) => {
  test('the declarations need no types but those of Node', async () => {
    bare.write('own-handlers.ts', readExample('own handlers'));

    const printed = await compile(bare, compiler, { lib: ['es2022'], skipLibCheck: false });

    expect(printed).toBe('');
  });

  test("the README's examples have no errors", async () => {
    for (const name of EXAMPLES) full.write(`${name.replace(' ', '-')}.ts`, readExample(name));

    expect(await compile(full, compiler, { skipLibCheck: true })).toBe('');
  });
});

test(
  "the README's jest example runs by the README's commands",
  async () => {
    const project = new FreshProject({});
    project.write('answers.test.js', readExample('jest'));
    await project.run(`npm install ${tarball}`);

    const printed = await project.run(readExample('run jest', 'sh'));

    expect(printed).toContain('1 passed, 1 total');
  },
  INSTALL_MS,
);

describe('installed from git', () => {
  test('it has what the README shows and links to', () => {
    const links = [...readReadme().matchAll(/(?:\]\(|src=")([\w./-]+)[")#]/g)];

    const missing = links
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(fromGit.folder, 'node_modules/stomping-ground', path)));

    expect(links.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  test('it says its version, and names the command that was typed', async () => {
    const version = await fromGit.run('npx stomping-ground --version');
    const help = await fromGit.run('npx stomping-ground --help');
    const problem = await fromGit.run('node_modules/.bin/stomping-ground --nonsense || true');

    expect(version).toBe(`${VERSION}\n`);
    expect(help).toContain('Usage: npx stomping-ground [');
    expect(problem).toContain('\nstomping-ground --help lists the settings');
  });

  test.each([
    ['npx', 'stomping-ground'],
    ['npm', 'run', 'serve', '--'],
    ['node_modules/.bin/stomping-ground'],
  ])('SIGTERM to %s ends the server and frees its port', async (program, ...args) => {
    const own = ['--port', '0', '--data-dir', emptyFolder()];
    const server = await startCommand(fromGit.folder, program, ...args, ...own);
    const page = await fetch(server.url);
    const client = await SocketClient.connect(server.url);

    // The server writes to the same output, so that closes with the last of them.
    const ended = server.stop('SIGTERM');

    expect(await page.text()).toContain('<title>Stomping Ground</title>');
    expect(await client.expectClose()).toEqual({ code: 1012, reason: 'DRAINING' });
    await ended;
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });
});
