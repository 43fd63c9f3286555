import type { Prefixes } from '../../shared/destinations.ts';

export type DestinationKind = keyof Prefixes;

/** A destination, sorted by its prefix; `path` is what follows it and begins with `/`. */
export type SortedDestination =
  | { readonly kind: DestinationKind; readonly path: string }
  | { readonly kind: 'unknown' };

/** Finds the kind of a destination by its prefix. */
export function sortDestination(destination: string, prefixes: Prefixes): SortedDestination {
  for (const kind of ['topic', 'app', 'user', 'queue'] as const) {
    const prefix = prefixes[kind];
    if (destination.startsWith(prefix) && destination[prefix.length] === '/') {
      return { kind, path: destination.slice(prefix.length) };
    }
  }
  return { kind: 'unknown' };
}
