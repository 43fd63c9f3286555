// A tree of the segments of patterns, which knows the cost of a walk:
//
//   /topic/price/*  ─▶  "/topic" ─ "/price" ─ "/*"     one segment after a slash
//   /topic/price.*  ─▶  "/topic" ─ "/price" ─ ".*"     one segment after a dot
//   /topic/**       ─▶  "/topic" ─ "/**"               any number of segments, none included
//
// The cost of a node is the most nodes, at and below it, that the walk for one name can visit. It
// is updated as patterns come and go:
//
//   before a `**`   one segment of the name may come next, so at most one of the literal children
//                   is visited, and the `*` after the same separator
//   behind a `**`   any segment of the name may come next, so at most as many literal children are
//                   visited as a name may have segments
//
// A child `**` is visited in either case, because it also matches no segment at all.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';

/** A `**` matches segments after either separator, but `/a/**` and `/a.**` are two patterns. */
export const MANY = ['/**', '.**'] as const;
const ONE = ['/*', '.*'] as const;
const WILDCARDS: ReadonlySet<string> = new Set([...MANY, ...ONE]);

/** Counts literal children by their cost. */
class Costs {
  readonly #counts = new Map<number, number>();

  get largest(): number {
    let largest = 0;
    for (const cost of this.#counts.keys()) largest = Math.max(largest, cost);
    return largest;
  }

  /** The sum of the `count` largest costs. */
  sumOfLargest(count: number): number {
    const costs = [...this.#counts].sort(([one], [other]) => other - one);
    let left = count;
    let sum = 0;
    for (const [cost, children] of costs) {
      const taken = Math.min(left, children);
      sum += taken * cost;
      left -= taken;
    }
    return sum;
  }

  change(cost: number, by: number): void {
    const count = (this.#counts.get(cost) ?? 0) + by;
    if (count === 0) this.#counts.delete(cost);
    else this.#counts.set(cost, count);
  }
}

export class PatternNode<T> {
  readonly children = new Map<string, PatternNode<T>>();
  /** True behind a `**`: any number of segments may be matched before it. */
  readonly isFree: boolean;
  cost = 1;
  value: T | null = null;
  /** Costs of the literal children by separator, or all together behind a `**`; `null`: none. */
  #literals: Map<string, Costs> | null = null;

  constructor(isFree: boolean) {
    this.isFree = isFree;
  }

  /** @param was the cost with which it was counted before; 0 if it is new */
  countChild(segment: string, was: number, cost: number): void {
    if (WILDCARDS.has(segment) || was === cost) return;
    const separator = this.isFree ? '' : segment.charAt(0);
    this.#literals ??= new Map();
    const costs = this.#literals.get(separator) ?? new Costs();
    this.#literals.set(separator, costs);
    if (was > 0) costs.change(was, -1);
    if (cost > 0) costs.change(cost, 1);
  }

  /** Computes its cost from those of its children. */
  weigh(): void {
    const many = this.#costAt(MANY[0]) + this.#costAt(MANY[1]);
    const [slash, dot] = ONE;
    if (this.isFree) {
      const literals = this.#literals?.get('')?.sumOfLargest(SEGMENTS_MAX) ?? 0;
      this.cost = 1 + many + this.#costAt(slash) + this.#costAt(dot) + literals;
      return;
    }
    let largest = Math.max(this.#costAt(slash), this.#costAt(dot));
    for (const [separator, costs] of this.#literals ?? []) {
      largest = Math.max(largest, costs.largest + this.#costAt(`${separator}*`));
    }
    this.cost = 1 + many + largest;
  }

  #costAt(segment: string): number {
    return this.children.get(segment)?.cost ?? 0;
  }
}

export class PatternTree<T> {
  readonly root = new PatternNode<T>(false);
  #size = 0;

  /** The most nodes that the walk for one name visits. */
  get cost(): number {
    return this.root.cost;
  }

  /** The number of nodes; patterns with a common beginning share them. */
  get nodeCount(): number {
    return countBelow(this.root);
  }

  /** The number of patterns that have a value. */
  get size(): number {
    return this.#size;
  }

  get(pattern: string): T | null {
    let node: PatternNode<T> | undefined = this.root;
    for (const segment of segmentsOf(pattern)) node = node?.children.get(segment);
    return node?.value ?? null;
  }

  set(pattern: string, value: T): void {
    const node = this.#grow(this.root, segmentsOf(pattern), 0);
    if (node.value === null) this.#size += 1;
    node.value = value;
  }

  delete(pattern: string): void {
    const segments = segmentsOf(pattern);
    if (this.get(pattern) !== null) this.#size -= 1;
    this.#prune(this.root, segments, 0, true);
  }

  /** The cost that the tree would have with this pattern added. */
  costWith(pattern: string): number {
    const segments = segmentsOf(pattern);
    this.#grow(this.root, segments, 0);
    const { cost } = this;
    this.#prune(this.root, segments, 0, false);
    return cost;
  }

  /** Adds the nodes of a pattern that are missing; returns the last one. */
  #grow(node: PatternNode<T>, segments: readonly string[], depth: number): PatternNode<T> {
    const segment = segments[depth];
    if (segment === undefined) return node;
    const known = node.children.get(segment);
    const child = known ?? new PatternNode<T>(node.isFree || isMany(segment));
    if (known === undefined) node.children.set(segment, child);
    const was = known?.cost ?? 0;
    const end = this.#grow(child, segments, depth + 1);
    node.countChild(segment, was, child.cost);
    node.weigh();
    return end;
  }

  /**
   * Removes nodes that lead nowhere, as clients choose the names. True: this node is one of them.
   */
  #prune(
    node: PatternNode<T>,
    segments: readonly string[],
    depth: number,
    takesValue: boolean,
  ): boolean {
    const segment = segments[depth];
    if (segment === undefined) {
      if (takesValue) node.value = null;
    } else {
      const child = node.children.get(segment);
      if (child !== undefined) {
        const was = child.cost;
        const isGone = this.#prune(child, segments, depth + 1, takesValue);
        if (isGone) node.children.delete(segment);
        node.countChild(segment, was, isGone ? 0 : child.cost);
        node.weigh();
      }
    }
    return node.value === null && node.children.size === 0;
  }
}

function isMany(segment: string): boolean {
  return segment === MANY[0] || segment === MANY[1];
}

function countBelow<T>({ children }: PatternNode<T>): number {
  let count = children.size;
  for (const child of children.values()) count += countBelow(child);
  return count;
}
