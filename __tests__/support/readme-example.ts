import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The README's examples, by the name behind `example` in the mark before them. */
export const EXAMPLES = ['own handlers', 'express', 'jest', 'resume'] as const;

/** A folder where the package's own name stands for what was built. */
const FOLDER = 'dist/readme';

/** Writes an example as it stands; gives the path. */
export function writeExample(name: (typeof EXAMPLES)[number], extension: string): string {
  const readme = readFileSync('README.md', 'utf8');
  const mark = `<!-- example: ${name} -->\n\`\`\`ts\n`;
  const from = readme.indexOf(mark);
  if (from === -1) throw new Error(`the README has no example of ${name}`);
  const path = `${FOLDER}/${name.replaceAll(' ', '-')}${extension}`;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, readme.slice(from + mark.length, readme.indexOf('```', from + mark.length)));
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
