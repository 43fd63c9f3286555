import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The README's examples, by the name behind `example` in the mark before them. */
export const EXAMPLES = ['own handlers', 'express', 'jest', 'resume'] as const;

/** A folder where the package's own name stands for what was built. */
const FOLDER = 'dist/readme';

export function readReadme(): string {
  return readFileSync('README.md', 'utf8');
}

/** An example as it stands in the README. */
export function readExample(name: string, language = 'ts'): string {
  const readme = readReadme();
  const mark = `<!-- example: ${name} -->\n\`\`\`${language}\n`;
  const from = readme.indexOf(mark);
  if (from === -1) throw new Error(`the README has no example of ${name}`);
  return readme.slice(from + mark.length, readme.indexOf('```', from + mark.length));
}

/** Writes an example as it stands; gives the path. */
export function writeExample(name: (typeof EXAMPLES)[number], extension: string): string {
  const path = `${FOLDER}/${name.replaceAll(' ', '-')}${extension}`;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, readExample(name));
  return path;
}

/** Writes all of them as TypeScript, with what the compiler needs; gives the folder. */
export function writeTypedExamples(): string {
  for (const name of EXAMPLES) writeExample(name, '.ts');
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { lib: ['es2023', 'dom'] },
    include: ['.'],
  };
  writeFileSync(`${FOLDER}/tsconfig.json`, JSON.stringify(config));
  return FOLDER;
}
