import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One import or re-export of a source file. */
export interface Import {
  readonly from: string;
  /** A path from the root of the repository, or the name of a package. */
  readonly target: string;
  /** True where nothing but types is imported, so that nothing is loaded at run time. */
  readonly isType: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm;

/** The source files of a folder, or the one file of that name without its extension. */
export function filesOf(folder: string): string[] {
  const root = folder.startsWith('broker/') ? 'broker' : folder;
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => join(root, file))
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
    .filter((file) => file === `${folder}.ts` || file.startsWith(`${folder}/`))
    .sort();
}

export function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(
    ([, type, names = '', target = '']) => ({
      from: file,
      target: target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
      isType: type !== undefined || areAllTypes(names),
    }),
  );
}

export function importsBelow(folder: string): Import[] {
  return filesOf(folder).flatMap(importsOf);
}

/** Whether each name in `{ … }` is marked as a type by itself. */
function areAllTypes(names: string): boolean {
  const inner = /^\{([^}]*)\}$/s.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  const all = inner.split(',').filter((name) => name.trim() !== '');
  return all.every((name) => /^\s*type\s/.test(name));
}
