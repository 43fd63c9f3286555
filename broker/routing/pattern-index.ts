// Patterns over destinations, in a tree of their segments:
//
//   /topic/price/*  ─▶  "/topic" ─ "/price" ─ "/*"     one segment after a slash
//   /topic/price.*  ─▶  "/topic" ─ "/price" ─ ".*"     one segment after a dot
//   /topic/**       ─▶  "/topic" ─ "**"                any number of segments, none included
//
// A destination goes down all branches that fit at once, so it costs what fits, not what there
// is; what it found is remembered until the patterns change.

import { MANY, segmentsOf } from './pattern.ts';

/** Destinations whose matches are remembered; then all are forgotten, and found anew. */
const REMEMBERED_MAX = 10_000;

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  readonly isMany: boolean;
  value: T | null = null;

  constructor(segment: string) {
    this.isMany = segment === MANY;
  }
}

export class PatternIndex<T> {
  readonly #found = new Map<string, readonly T[]>();
  readonly #root = new Node<T>('');
  #size = 0;

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
    this.#found.clear();
  }

  delete(pattern: string): void {
    this.#prune(this.#root, segmentsOf(pattern), 0);
    this.#found.clear();
  }

  /** The values of all patterns that the destination fits. */
  match(destination: string): readonly T[] {
    if (this.#size === 0) return [];
    const known = this.#found.get(destination);
    if (known !== undefined) return known;
    const values = this.#walk(segmentsOf(destination));
    if (this.#found.size >= REMEMBERED_MAX) this.#found.clear();
    this.#found.set(destination, values);
    return values;
  }

  #walk(segments: readonly string[]): readonly T[] {
    let here = new Set<Node<T>>();
    enter(this.#root, here);
    for (const segment of segments) {
      const next = new Set<Node<T>>();
      for (const node of here) {
        if (node.isMany) enter(node, next);
        enter(node.children.get(segment), next);
        enter(node.children.get(`${segment.charAt(0)}*`), next);
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

/** The node, and what is reached from it by a `**` that takes nothing. */
function enter<T>(node: Node<T> | undefined, nodes: Set<Node<T>>): void {
  if (node === undefined) return;
  nodes.add(node);
  enter(node.children.get(MANY), nodes);
}
