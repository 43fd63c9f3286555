// Patterns over destinations, in a tree of their segments:
//
//   /topic/price/*  ─▶  "/topic" ─ "/price" ─ "/*"     one segment after a slash
//   /topic/price.*  ─▶  "/topic" ─ "/price" ─ ".*"     one segment after a dot
//   /topic/**       ─▶  "/topic" ─ "/**"               any number of segments, none included
//
// A destination goes down all branches that fit, and sees each node once, however many ways lead
// there: how many of its segments may be behind it is a set of numbers, in the bits of one. So it
// costs what fits, not what there is; what it found is remembered until the patterns change.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';

/** `**` takes segments after either separator; yet `/a/**` and `/a.**` are two patterns. */
const MANY = ['/**', '.**'] as const;

/** Letters and values that are remembered; then all is forgotten, and found anew. */
const REMEMBERED_MAX = 1_000_000;

/** At the root: bit 0. */
const NONE_BEHIND = 1;

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  value: T | null = null;
}

export class PatternIndex<T> {
  readonly #found = new Map<string, readonly T[]>();
  readonly #root = new Node<T>();
  #remembered = 0;
  #size = 0;

  /** How many segments are kept; patterns that begin alike share them. */
  get nodeCount(): number {
    return countBelow(this.#root);
  }

  /** How many letters and values are remembered. */
  get remembered(): number {
    return this.#remembered;
  }

  /** How many patterns have a value. */
  get size(): number {
    return this.#size;
  }

  set(pattern: string, value: T): void {
    let node = this.#root;
    for (const segment of segmentsOf(pattern)) {
      const child = node.children.get(segment) ?? new Node<T>();
      node.children.set(segment, child);
      node = child;
    }
    if (node.value === null) this.#size += 1;
    node.value = value;
    this.#forget();
  }

  delete(pattern: string): void {
    this.#prune(this.#root, segmentsOf(pattern), 0);
    this.#forget();
  }

  /** The values of all patterns that the destination fits; one of too many segments fits none. */
  match(destination: string): readonly T[] {
    if (this.#size === 0) return [];
    const known = this.#found.get(destination);
    if (known !== undefined) return known;
    const segments = segmentsOf(destination);
    if (segments.length > SEGMENTS_MAX) return [];
    const values: T[] = [];
    collect(this.#root, NONE_BEHIND, walkOf(segments), values);
    this.#remember(destination, values);
    return values;
  }

  #remember(destination: string, values: readonly T[]): void {
    const more = destination.length + values.length;
    if (this.#remembered + more > REMEMBERED_MAX) this.#forget();
    this.#found.set(destination, values);
    this.#remembered += more;
  }

  #forget(): void {
    this.#found.clear();
    this.#remembered = 0;
  }

  /** True when nothing is left below the node: names are the clients', and nothing stays behind. */
  #prune(node: Node<T>, segments: readonly string[], depth: number): boolean {
    const segment = segments[depth];
    if (segment === undefined) {
      if (node.value !== null) this.#size -= 1;
      node.value = null;
    } else {
      const child = node.children.get(segment);
      if (child !== undefined && this.#prune(child, segments, depth + 1)) {
        node.children.delete(segment);
      }
    }
    return node.value === null && node.children.size === 0;
  }
}

function countBelow<T>({ children }: Node<T>): number {
  let count = children.size;
  for (const child of children.values()) count += countBelow(child);
  return count;
}

/** What is looked for. Bit n of each number stands for the first n segments of the destination. */
interface Walk {
  /** Behind whom all of them are. */
  readonly end: number;
  /** What takes one segment, and how many may be behind it then. */
  readonly steps: readonly (readonly [segment: string, before: number])[];
}

function walkOf(segments: readonly string[]): Walk {
  const steps = new Map<string, number>();
  for (const [at, segment] of segments.entries()) {
    for (const step of [segment, `${segment.charAt(0)}*`]) {
      steps.set(step, (steps.get(step) ?? 0) | (1 << at));
    }
  }
  return { end: 1 << segments.length, steps: [...steps] };
}

/** @param behind how many segments may be behind the node, in bits */
function collect<T>(node: Node<T>, behind: number, walk: Walk, values: T[]): void {
  if (node.value !== null && (behind & walk.end) !== 0) values.push(node.value);
  if (node.children.size === 0) return;
  for (const [segment, before] of walk.steps) {
    const next = (behind & before) << 1;
    const child = next === 0 ? undefined : node.children.get(segment);
    if (child !== undefined) collect(child, next, walk, values);
  }
  // A `**` takes none or more: every bit from the lowest on.
  const orMore = -(behind & -behind);
  for (const many of MANY) {
    const child = node.children.get(many);
    if (child !== undefined) collect(child, orMore, walk, values);
  }
}
