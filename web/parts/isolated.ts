/**
 * A name within a text that is no markup, such as the title of a tab: FIRST STRONG ISOLATE and POP
 * DIRECTIONAL ISOLATE do what `<bdi>` does on the page.
 */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
