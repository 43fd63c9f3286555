/** The names in a pattern, as a type: `'/rooms/{room}/say'` gives `{ room: string }`. */
export type Params<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & Params<Rest>
  : unknown;

/** A pattern for paths. A `{name}` matches one whole segment that is not empty. */
export interface PathPattern {
  /** The values of the names in this path; `null`: it does not match. */
  match(path: string): Record<string, string> | null;
}

/** Compiles a pattern. Throws an Error that says what is wrong with it. */
export function compilePattern(pattern: string): PathPattern {
  if (!pattern.startsWith('/')) throw new Error(`a pattern begins with "/": ${pattern}`);
  const segments = pattern.split('/');
  const names = segments.map((segment) => /^\{(\w+)\}$/.exec(segment)?.[1]);
  const odd = segments.find((segment, at) => names[at] === undefined && /[{}]/.test(segment));
  if (odd !== undefined)
    throw new Error(`a {name} is a whole segment, unlike "${odd}" in ${pattern}`);

  // Most patterns have no names.
  if (names.every((name) => name === undefined)) {
    return { match: (path) => (path === pattern ? {} : null) };
  }
  return {
    match(path) {
      const given = path.split('/');
      if (given.length !== segments.length) return null;
      const params: Record<string, string> = {};
      for (const [at, segment] of segments.entries()) {
        const [name, value = ''] = [names[at], given[at]];
        if (name === undefined ? value !== segment : value === '') return null;
        if (name !== undefined) params[name] = value;
      }
      return params;
    },
  };
}
