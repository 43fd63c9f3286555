/**
 * Isolates the writing direction of a name within plain text, such as the title of a tab: FIRST
 * STRONG ISOLATE and POP DIRECTIONAL ISOLATE do there what `<bdi>` does in markup.
 */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
