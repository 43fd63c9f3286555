// Patterns over destinations, in a tree of their segments (pattern-tree.ts). A destination goes down
// all branches that fit, and sees each node once, however many ways lead there: how many of its
// segments may be behind it is a set of numbers, in the bits of one. So it costs what fits, not what
// there is, and what can fit at most is bounded where patterns are subscribed to. What it found is
// remembered until the patterns change.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';
import { MANY, type PatternNode, PatternTree } from './pattern-tree.ts';

/** Letters and values that are remembered in each of two generations. */
const GENERATION_MAX = 500_000;

/** At the root: bit 0. */
const NONE_BEHIND = 1;

export class PatternIndex<T> {
  /** What was looked for since the older generation was full. */
  #found = new Map<string, readonly T[]>();
  /** What was looked for before: it stays only if it is looked for again. */
  #foundBefore = new Map<string, readonly T[]>();
  readonly #tree = new PatternTree<T>();
  #remembered = 0;
  #rememberedBefore = 0;
  #visited = 0;

  /** How many segments are kept; patterns that begin alike share them. */
  get nodeCount(): number {
    return this.#tree.nodeCount;
  }

  /** How many letters and values are remembered. */
  get remembered(): number {
    return this.#remembered + this.#rememberedBefore;
  }

  /** How many patterns have a value. */
  get size(): number {
    return this.#tree.size;
  }

  /** Nodes that were visited since the start, for all names. */
  get visited(): number {
    return this.#visited;
  }

  /** Nodes that are visited for one name at most, if this pattern is there as well. */
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

  /** The values of all patterns that the destination fits; one of too many segments fits none. */
  match(destination: string): readonly T[] {
    if (this.#tree.size === 0) return [];
    const known = this.#found.get(destination);
    if (known !== undefined) return known;
    const values = this.#foundBefore.get(destination) ?? this.#walk(destination);
    if (values === null) return [];
    this.#remember(destination, values);
    return values;
  }

  /** `null`: it has more segments than a pattern may have. */
  #walk(destination: string): readonly T[] | null {
    const segments = segmentsOf(destination);
    if (segments.length > SEGMENTS_MAX) return null;
    const walk = walkOf<T>(segments);
    visit(this.#tree.root, NONE_BEHIND, walk);
    this.#visited += walk.visited;
    return walk.values;
  }

  /** Names that are new all the time push out each other, and not those that are in use. */
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

/** What is looked for. Bit n of each number stands for the first n segments of the destination. */
interface Walk<T> {
  /** Behind whom all of them are. */
  readonly end: number;
  /** The two ways in which a pattern may take the segment at each place. */
  readonly places: readonly (readonly [literal: string, wildcard: string])[];
  /** What takes one segment, and how many may be behind it then. */
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

/** @param behind how many segments may be behind the node, in bits */
function visit<T>(node: PatternNode<T>, behind: number, walk: Walk<T>): void {
  walk.visited += 1;
  if (node.value !== null && (behind & walk.end) !== 0) walk.values.push(node.value);
  if (node.children.size === 0) return;
  if (node.isFree) visitAnywhere(node, behind, walk);
  else visitNext(node, behind, walk);
  // A `**` takes none or more: every bit from the lowest on.
  const orMore = -(behind & -behind);
  for (const many of MANY) {
    const child = node.children.get(many);
    if (child !== undefined) visit(child, orMore, walk);
  }
}

/** Before any `**`: one segment may come next. */
function visitNext<T>(node: PatternNode<T>, behind: number, walk: Walk<T>): void {
  const place = walk.places[31 - Math.clz32(behind)];
  if (place === undefined) return;
  const [literal, wildcard] = place;
  const child = node.children.get(literal);
  if (child !== undefined) visit(child, behind << 1, walk);
  const one = wildcard === literal ? undefined : node.children.get(wildcard);
  if (one !== undefined) visit(one, behind << 1, walk);
}

/** Behind a `**`: any segment may come next; looked at from the side that has fewer. */
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
