/** Parses JSON, or returns `undefined` if it is invalid; callers validate the shape in any case. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
