// Matches destinations against patterns, which are kept in a tree of segments (pattern-tree.ts).
// The walk for a destination follows every branch that fits and visits each node once, however
// many ways lead there: the numbers of segments that may be matched at a node are a set, kept as
// bits of one number. So the cost depends on the patterns that fit, and that is bounded where
// patterns are subscribed to. Results are cached until a pattern comes or goes.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';
import { MANY, type PatternNode, PatternTree } from './pattern-tree.ts';

/** The most characters and values that each of the two generations of the cache holds. */
const GENERATION_MAX = 500_000;

/** The set at the root: no segment is matched yet, which is bit 0. */
const NONE_BEHIND = 1;

export class PatternIndex<T> {
  /** The young generation of the cache: results since the older one was full. */
  #found = new Map<string, readonly T[]>();
  /** The old generation: a result stays in the cache only if it is asked for again. */
  #foundBefore = new Map<string, readonly T[]>();
  readonly #tree = new PatternTree<T>();
  #remembered = 0;
  #rememberedBefore = 0;
  #visited = 0;

  /** The number of nodes in the tree; patterns with a common beginning share them. */
  get nodeCount(): number {
    return this.#tree.nodeCount;
  }

  /** The number of characters and values in the cache. */
  get remembered(): number {
    return this.#remembered + this.#rememberedBefore;
  }

  /** The number of patterns that have a value. */
  get size(): number {
    return this.#tree.size;
  }

  /** The number of nodes that all walks have visited since the start. */
  get visited(): number {
    return this.#visited;
  }

  /** The most nodes that the walk for one name could visit if this pattern were added. */
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
    visit(this.#tree.root, NONE_BEHIND, walk);
    this.#visited += walk.visited;
    return walk.values;
  }

  /** Names that are asked for once evict each other, and not those that are in use. */
  #remember(destination: string, values: readonly T[]): void {
    const more = destination.length + values.length;
    if (this.#remembered + more > GENERATION_MAX) {
      this.#foundBefore = this.#found;
      this.#rememberedBefore = this.#remembered;
      this.#found = new Map();
      this.#remembered = 0;
    }
    this.#found.set(destination, values);
    this.#remembered += more;
  }

  #forget(): void {
    if (this.remembered === 0) return;
    this.#found = new Map();
    this.#foundBefore = new Map();
    this.#remembered = this.#rememberedBefore = 0;
  }
}

/** The state of one walk. In each set, bit n stands for the first n segments of the destination. */
interface Walk<T> {
  /** The set in which all segments are matched. */
  readonly end: number;
  /** The two segments of a pattern that match the segment at each place. */
  readonly places: readonly (readonly [literal: string, wildcard: string])[];
  /** Each segment of a pattern that matches one, with the set of places at which it does. */
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

/** @param behind the set of numbers of segments that may be matched at this node */
function visit<T>(node: PatternNode<T>, behind: number, walk: Walk<T>): void {
  walk.visited += 1;
  if (node.value !== null && (behind & walk.end) !== 0) walk.values.push(node.value);
  if (node.children.size === 0) return;
  if (node.isFree) visitAnywhere(node, behind, walk);
  else visitNext(node, behind, walk);
  // A `**` matches any number of segments: every bit from the lowest one up.
  const orMore = -(behind & -behind);
  for (const many of MANY) {
    const child = node.children.get(many);
    if (child !== undefined) visit(child, orMore, walk);
  }
}

/** Before any `**` exactly one segment may come next. */
function visitNext<T>(node: PatternNode<T>, behind: number, walk: Walk<T>): void {
  const place = walk.places[31 - Math.clz32(behind)];
  if (place === undefined) return;
  const [literal, wildcard] = place;
  const child = node.children.get(literal);
  if (child !== undefined) visit(child, behind << 1, walk);
  const one = wildcard === literal ? undefined : node.children.get(wildcard);
  if (one !== undefined) visit(one, behind << 1, walk);
}

/** Behind a `**` any segment may come next. The smaller of both sets is iterated over. */
function visitAnywhere<T>(node: PatternNode<T>, behind: number, walk: Walk<T>): void {
  if (node.children.size < walk.steps.size) {
    for (const [segment, child] of node.children) {
      const next = (behind & (walk.steps.get(segment) ?? 0)) << 1;
      if (next !== 0) visit(child, next, walk);
    }
    return;
  }
  for (const [segment, before] of walk.steps) {
    const next = (behind & before) << 1;
    const child = next === 0 ? undefined : node.children.get(segment);
    if (child !== undefined) visit(child, next, walk);
  }
}
