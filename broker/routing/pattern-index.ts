// Matches destinations against patterns, which are kept in a tree of segments (pattern-tree.ts).
// The walk for a destination follows every branch that fits. After a `**` a node can be reached with
// different numbers of segments matched; these numbers are one set, kept as the bits of an integer,
// so the walk visits each node once. Its cost depends on the patterns that fit, which `PatternShares`
// bounds at SUBSCRIBE by `costWith`. Results are cached until a pattern is added or removed.
// Destinations contain no wildcards: SEND and `publish` refuse them.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';
import { MANY, type PatternNode, PatternTree } from './pattern-tree.ts';

/** The most characters and values that each of the two generations of the cache holds. */
const GENERATION_MAX = 500_000;

/** The set at the root: bit 0, because no segment is matched yet. */
const NOTHING_MATCHED = 1;

export class PatternIndex<T> {
  /** The young generation of the cache: results since the last rotation. */
  #found = new Map<string, readonly T[]>();
  /** The old generation: a result stays in the cache only if it is asked for again. */
  #foundBefore = new Map<string, readonly T[]>();
  readonly #tree = new PatternTree<T>();
  #cacheSize = 0;
  #cacheSizeBefore = 0;
  #visited = 0;

  /** The number of nodes in the tree; patterns with a common beginning share them. */
  get nodeCount(): number {
    return this.#tree.nodeCount;
  }

  /** The number of characters and values in the cache. */
  get remembered(): number {
    return this.#cacheSize + this.#cacheSizeBefore;
  }

  /** The number of patterns that have a value. */
  get size(): number {
    return this.#tree.size;
  }

  /** The number of nodes that all walks have visited since the start. */
  get visited(): number {
    return this.#visited;
  }

  /** The most nodes that the walk for one destination could visit if this pattern were added. */
  costWith(pattern: string): number {
    return this.#tree.costWith(pattern);
  }

  set(pattern: string, value: T): void {
    this.#tree.set(pattern, value);
    this.#forget();
  }

  delete(pattern: string): void {
    this.#tree.delete(pattern);
    this.#forget();
  }

  /** The values of all patterns that match; a destination with too many segments matches none. */
  match(destination: string): readonly T[] {
    if (this.#tree.size === 0) return [];
    const known = this.#found.get(destination);
    if (known !== undefined) return known;
    const values = this.#foundBefore.get(destination) ?? this.#walk(destination);
    if (values === null) return [];
    this.#remember(destination, values);
    return values;
  }

  /** `null`: the destination has more segments than a pattern may have. */
  #walk(destination: string): readonly T[] | null {
    const segments = segmentsOf(destination);
    if (segments.length > SEGMENTS_MAX) return null;
    const walk = walkOf<T>(segments);
    visit(this.#tree.root, NOTHING_MATCHED, walk);
    this.#visited += walk.visited;
    return walk.values;
  }

  /** Destinations that are used once evict each other, and not those that are used often. */
  #remember(destination: string, values: readonly T[]): void {
    const more = destination.length + values.length;
    if (this.#cacheSize + more > GENERATION_MAX) {
      this.#foundBefore = this.#found;
      this.#cacheSizeBefore = this.#cacheSize;
      this.#found = new Map();
      this.#cacheSize = 0;
    }
    this.#found.set(destination, values);
    this.#cacheSize += more;
  }

  #forget(): void {
    if (this.remembered === 0) return;
    this.#found = new Map();
    this.#foundBefore = new Map();
    this.#cacheSize = this.#cacheSizeBefore = 0;
  }
}

/** The state of one walk. In a set of matched segments, bit n stands for the first n segments. */
interface Walk<T> {
  /** The set of matched segments that contains only the whole destination. */
  readonly end: number;
  /**
   * For each segment of the destination, the literal and the wildcard segment of a pattern that match
   * it. A segment begins with its separator, so the wildcard is `/*` or `.*`.
   */
  readonly places: readonly (readonly [literal: string, wildcard: string])[];
  /** Each of these segments with the places at which it matches: bit n is the place n, from 0. */
  readonly steps: ReadonlyMap<string, number>;
  readonly values: T[];
  visited: number;
}

function walkOf<T>(segments: readonly string[]): Walk<T> {
  const steps = new Map<string, number>();
  const places = segments.map((segment) => [segment, `${segment.charAt(0)}*`] as const);
  for (const [at, place] of places.entries()) {
    for (const step of place) steps.set(step, (steps.get(step) ?? 0) | (1 << at));
  }
  return { end: 1 << segments.length, places, steps, values: [], visited: 0 };
}

/** @param matched the numbers of segments that may be matched when the walk reaches this node */
function visit<T>(node: PatternNode<T>, matched: number, walk: Walk<T>): void {
  walk.visited += 1;
  if (node.value !== null && (matched & walk.end) !== 0) walk.values.push(node.value);
  if (node.children.size === 0) return;
  if (node.isFree) visitAnywhere(node, matched, walk);
  else visitNext(node, matched, walk);
  // A `**` matches any number of segments: every bit from the lowest one up. Bits beyond the end of
  // the destination match nothing.
  const orMore = -(matched & -matched);
  for (const many of MANY) {
    const child = node.children.get(many);
    if (child !== undefined) visit(child, orMore, walk);
  }
}

/** In a pattern without `**` so far, exactly one number of segments is matched: `matched` is one bit. */
function visitNext<T>(node: PatternNode<T>, matched: number, walk: Walk<T>): void {
  const place = walk.places[31 - Math.clz32(matched)];
  if (place === undefined) return;
  const [literal, wildcard] = place;
  const child = node.children.get(literal);
  if (child !== undefined) visit(child, matched << 1, walk);
  const one = wildcard === literal ? undefined : node.children.get(wildcard);
  if (one !== undefined) visit(one, matched << 1, walk);
}

/** After a `**` any segment may be next. The smaller of both collections is iterated. */
function visitAnywhere<T>(node: PatternNode<T>, matched: number, walk: Walk<T>): void {
  if (node.children.size < walk.steps.size) {
    for (const [segment, child] of node.children) {
      const next = (matched & (walk.steps.get(segment) ?? 0)) << 1;
      if (next !== 0) visit(child, next, walk);
    }
    return;
  }
  for (const [segment, places] of walk.steps) {
    const next = (matched & places) << 1;
    const child = next === 0 ? undefined : node.children.get(segment);
    if (child !== undefined) visit(child, next, walk);
  }
}
