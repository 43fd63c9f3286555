// Patterns in a tree of their segments, and what it costs to walk it:
//
//   /topic/price/*  ─▶  "/topic" ─ "/price" ─ "/*"     one segment after a slash
//   /topic/price.*  ─▶  "/topic" ─ "/price" ─ ".*"     one segment after a dot
//   /topic/**       ─▶  "/topic" ─ "/**"               any number of segments, none included
//
// The cost of a node is the number of nodes at and below it that the walk for one name can visit,
// whichever name that is. It is kept as patterns come and go:
//
//   before a `**`   a name has one segment that may come next, so one of the literal children is
//                   visited at most, and the `*` after the same separator
//   behind a `**`   any segment of the name may come next, so as many literal children are visited
//                   as a name has segments
//
// A child `**` is visited in either case, as it takes no segments as well.

import { SEGMENTS_MAX, segmentsOf } from './pattern.ts';

/** `**` takes segments after either separator; yet `/a/**` and `/a.**` are two patterns. */
export const MANY = ['/**', '.**'] as const;
const ONE = ['/*', '.*'] as const;
const WILDCARDS: ReadonlySet<string> = new Set([...MANY, ...ONE]);

/** How many literal children there are of each cost. */
class Costs {
  readonly #counts = new Map<number, number>();

  get largest(): number {
    let largest = 0;
    for (const cost of this.#counts.keys()) largest = Math.max(largest, cost);
    return largest;
  }

  /** Of the so many that cost the most. */
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
  /** True behind a `**`: however many segments may be before it. */
  readonly isFree: boolean;
  cost = 1;
  value: T | null = null;
  /** By the separator; behind a `**` all together. `null`: there are no literal children. */
  #literals: Map<string, Costs> | null = null;

  constructor(isFree: boolean) {
    this.isFree = isFree;
  }

  /** @param was its cost when it was counted last, 0 if it is new */
  countChild(segment: string, was: number, cost: number): void {
    if (WILDCARDS.has(segment) || was === cost) return;
    const separator = this.isFree ? '' : segment.charAt(0);
    this.#literals ??= new Map();
    const costs = this.#literals.get(separator) ?? new Costs();
    this.#literals.set(separator, costs);
    if (was > 0) costs.change(was, -1);
    if (cost > 0) costs.change(cost, 1);
  }

  /** Finds its cost, where those of its children are known. */
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

  /** Nodes that the walk for one name visits at most. */
  get cost(): number {
    return this.root.cost;
  }

  /** How many segments are kept; patterns that begin alike share them. */
  get nodeCount(): number {
    return countBelow(this.root);
  }

  /** How many patterns have a value. */
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

  /** What the cost would be with this pattern as well. */
  costWith(pattern: string): number {
    const segments = segmentsOf(pattern);
    this.#grow(this.root, segments, 0);
    const { cost } = this;
    this.#prune(this.root, segments, 0, false);
    return cost;
  }

  /** Makes the way to a pattern; returns its end. */
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

  /** True when nothing is left below the node: names are the clients', and nothing stays behind. */
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
