// Patterns over destinations, in a tree of their segments:
//
//   /topic/price/*  ─▶  "/topic" ─ "/price" ─ "/*"     one segment after a slash
//   /topic/price.*  ─▶  "/topic" ─ "/price" ─ ".*"     one segment after a dot
//   /topic/**       ─▶  "/topic" ─ "/**"               any number of segments, none included
//
// A destination goes down all branches that fit at once, so it costs what fits, not what there
// is; what it found is remembered until the patterns change.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';

/** `**` takes segments after either separator; yet `/a/**` and `/a.**` are two patterns. */
const MANY = ['/**', '.**'] as const;

/** Letters and values that are remembered; then all is forgotten, and found anew. */
const REMEMBERED_MAX = 1_000_000;

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  readonly isMany: boolean;
  value: T | null = null;

  constructor(segment: string) {
    this.isMany = MANY.some((many) => many === segment);
  }
}

export class PatternIndex<T> {
  readonly #found = new Map<string, readonly T[]>();
  readonly #root = new Node<T>('');
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
      const child = node.children.get(segment) ?? new Node<T>(segment);
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
    const values = this.#walk(segments);
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

  #walk(segments: readonly string[]): readonly T[] {
    let here = new Set<Node<T>>();
    enter(this.#root, here);
    for (const segment of segments) {
      const any = `${segment.charAt(0)}*`;
      const next = new Set<Node<T>>();
      for (const node of here) {
        if (node.isMany) enter(node, next);
        enter(node.children.get(segment), next);
        enter(node.children.get(any), next);
      }
      here = next;
    }
    return [...here].flatMap(({ value }) => (value === null ? [] : [value]));
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

/** The node, and what is reached from it by a `**` that takes nothing. */
function enter<T>(node: Node<T> | undefined, nodes: Set<Node<T>>): void {
  if (node === undefined || nodes.has(node)) return;
  nodes.add(node);
  for (const many of MANY) enter(node.children.get(many), nodes);
}
