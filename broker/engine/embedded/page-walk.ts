// Walks through all pages of the rooms' file that are in use, in LMDB's layout, and finds
// inconsistencies. LMDB maps its file into memory and trusts it: with a damaged page number or length it
// reads beyond the file, overwrites other pages, or loops. The contents of records are not checked
// here, because they have checksums of their own.
//
//   page: number (8) transaction (8) pad (2) flags (2) lower (2) upper (2) places of nodes (2 each) … nodes
//   node: size or page (4) flags (2) size of the key (2) key, data
//
// A branch has the numbers of the pages below it, and a leaf has the data. Data that is too large for a
// leaf has pages of its own.

import { readSync } from 'node:fs';
import { type FileMeta, numberAt, readTree, type TreeMeta } from './file-meta.ts';

const HEADER_BYTES = 24;
const NODE_BYTES = 8;
const LARGE_BYTES = 24;
const TREE_BYTES = 48;
const PAGE = { branch: 1, leaf: 2, large: 4 } as const;
const NODE = { plain: 0, large: 1, tree: 2 } as const;

/** An inconsistency between pages. */
class Misfit extends Error {}

interface Node {
  readonly flags: number;
  readonly key: Buffer;
  /** In a leaf: the data, or the number of its first page. */
  readonly data: Buffer;
  readonly size: number;
  /** In a branch: the number of the page below. */
  readonly page: number;
}

interface Bounds {
  /** The inclusive lower bound of its keys; `null`: there is none. */
  readonly from: Buffer | null;
  /** The exclusive upper bound of its keys; `null`: there is none. */
  readonly to: Buffer | null;
}

/** `null`: the pages are consistent. */
export function misfitOf(file: number, meta: FileMeta): string | null {
  try {
    new PageWalk(file, meta).walk();
    return null;
  } catch (error) {
    if (error instanceof Misfit) return error.message;
    throw error;
  }
}

class PageWalk {
  readonly #file: number;
  readonly #meta: FileMeta;
  /** One bit for each page: it was seen. */
  readonly #seen: Uint8Array;
  #counted = { branches: 0, entries: 0, large: 0, leaves: 0 };

  constructor(file: number, meta: FileMeta) {
    this.#file = file;
    this.#meta = meta;
    this.#seen = new Uint8Array((meta.lastPage >> 3) + 1);
  }

  walk(): void {
    const trees: TreeMeta[] = [];
    this.#tree(this.#meta.main, (node) => {
      fits(node.flags === NODE.tree && node.data.length === TREE_BYTES, 'a database');
      trees.push(treeAt(node.data, 0));
    });
    for (const tree of trees) this.#tree(tree, (node) => this.#record(node));
    // Last, because a page that is both free and in use would be overwritten.
    const free = (node: Node) => {
      const place = this.#record(node);
      this.#free(place === null ? node.data : this.#bytes(place, node.size));
    };
    this.#tree(this.#meta.free, free, compareNumbers);
  }

  #tree(tree: TreeMeta, leaf: (node: Node) => void, compare: Compare = compareBytes): void {
    this.#counted = { branches: 0, entries: 0, large: 0, leaves: 0 };
    const { branches, depth, entries, large, leaves, root } = tree;
    if (root === null) return fits(entries === 0, 'an empty tree');
    fits(depth > 0 && depth < 32, 'the depth of a tree');
    this.#page(root, depth, { from: null, to: null }, leaf, compare);
    const counted = this.#counted;
    fits(counted.branches === branches && counted.leaves === leaves, 'the pages of a tree');
    fits(counted.entries === entries && counted.large === large, 'the records of a tree');
  }

  #page(
    number: number,
    depth: number,
    bounds: Bounds,
    leaf: (node: Node) => void,
    compare: Compare,
  ): void {
    const page = this.#read(number, 1);
    const isLeaf = depth === 1;
    fits(page.readUInt16LE(18) === (isLeaf ? PAGE.leaf : PAGE.branch), 'the kind of a page');
    const nodes = nodesOf(page, isLeaf);
    checkOrder(nodes, isLeaf, bounds, compare);
    if (isLeaf) {
      this.#counted.leaves += 1;
      this.#counted.entries += nodes.length;
      nodes.forEach(leaf);
      return;
    }
    this.#counted.branches += 1;
    for (const [at, { key, page: below }] of nodes.entries()) {
      const from = at === 0 ? bounds.from : key;
      const to = nodes[at + 1]?.key ?? bounds.to;
      this.#page(below, depth - 1, { from, to }, leaf, compare);
    }
  }

  /** The place of a record with pages of its own; `null`: the record is in its leaf. */
  #record({ data, flags, size }: Node): number | null {
    if (flags === NODE.plain) return null;
    fits(flags === NODE.large, 'the kind of a record');
    const [number, pages] = [numberAt(data, 0), numberAt(data, 16)];
    const { pageBytes } = this.#meta;
    fits(pages * pageBytes >= HEADER_BYTES + size, 'the size of a large record');
    const page = this.#read(number, pages);
    fits(page.readUInt16LE(18) === PAGE.large, 'the kind of a page');
    fits(page.readUInt32LE(20) === pages, 'the pages of a large record');
    this.#counted.large += pages;
    return number * pageBytes + HEADER_BYTES;
  }

  /** A list of page numbers, after its length; -n before a number stands for n pages in a row. */
  #free(list: Buffer): void {
    const count = numberAt(list, 0);
    fits(list.length >= (count + 1) * 8, 'a list of free pages');
    let run = 1;
    for (let at = 8; at <= count * 8; at += 8) {
      const number = Number(list.readBigInt64LE(at));
      if (number < 0) run = -number;
      if (number <= 0) continue;
      this.#see(number, run);
      run = 1;
    }
  }

  #read(number: number, pages: number): Buffer {
    this.#see(number, pages);
    const { pageBytes, transaction } = this.#meta;
    const page = this.#bytes(number * pageBytes, pageBytes);
    fits(numberAt(page, 0) === number, 'the number of a page');
    fits(numberAt(page, 8) <= transaction, 'the transaction of a page');
    return page;
  }

  #bytes(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    fits(readSync(this.#file, bytes, 0, length, at) === length, 'the size of the file');
    return bytes;
  }

  #see(number: number, pages: number): void {
    const end = number + pages;
    fits(number > 1 && pages > 0 && end - 1 <= this.#meta.lastPage, 'the place of a page');
    for (let at = number; at < end; at += 1) {
      const bit = 1 << (at & 7);
      fits(((this.#seen[at >> 3] ?? 0) & bit) === 0, 'the use of a page');
      this.#seen[at >> 3] = (this.#seen[at >> 3] ?? 0) | bit;
    }
  }
}

type Compare = (one: Buffer, other: Buffer) => number;

function nodesOf(page: Buffer, isLeaf: boolean): Node[] {
  const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
  const end = page.length - HEADER_BYTES;
  fits(page.readUInt16LE(16) === 0 && lower % 2 === 0, 'the header of a page');
  fits(lower <= upper && upper <= end, 'the header of a page');
  fits(lower / 2 >= (isLeaf ? 1 : 2), 'the number of nodes of a page');
  const nodes: Node[] = [];
  let used = 0;
  for (let at = HEADER_BYTES; at < HEADER_BYTES + lower; at += 2) {
    const place = page.readUInt16LE(at);
    fits(place % 2 === 0 && place >= upper && place + NODE_BYTES <= end, 'the place of a node');
    const start = HEADER_BYTES + place;
    const keyEnd = start + NODE_BYTES + page.readUInt16LE(start + 6);
    const [size, flags] = [page.readUInt32LE(start), page.readUInt16LE(start + 4)];
    const here = isLeaf ? (flags === NODE.large ? LARGE_BYTES : size) : 0;
    fits(keyEnd + here <= page.length, 'the size of a node');
    const key = page.subarray(start + NODE_BYTES, keyEnd);
    const data = page.subarray(keyEnd, keyEnd + here);
    nodes.push({ data, flags, key, page: size + flags * 2 ** 32, size });
    const bytes = keyEnd + here - start;
    used += bytes + (bytes % 2);
  }
  fits(used === end - upper, 'the nodes of a page');
  return nodes;
}

/** The first key of a branch is not looked at by LMDB. */
function checkOrder(
  nodes: readonly Node[],
  isLeaf: boolean,
  { from, to }: Bounds,
  compare: Compare,
): void {
  let before = from;
  for (const { key } of isLeaf ? nodes : nodes.slice(1)) {
    const isFirst = before === from;
    const order = before === null ? 1 : compare(key, before);
    fits(order > 0 || (order === 0 && isFirst && isLeaf), 'the order of keys');
    before = key;
  }
  fits(before === null || to === null || compare(before, to) < 0, 'the order of keys');
}

function compareBytes(one: Buffer, other: Buffer): number {
  return Buffer.compare(one, other);
}

/** Of the free pages: transactions, which are numbers. */
function compareNumbers(one: Buffer, other: Buffer): number {
  fits(one.length === 8 && other.length === 8, 'the key of a list of free pages');
  return numberAt(one, 0) - numberAt(other, 0);
}

function treeAt(meta: Buffer, at: number): TreeMeta {
  fits(meta.readUInt32LE(at) === 0 && meta.readUInt16LE(at + 4) === 0, 'the kind of a tree');
  return readTree(meta, at);
}

function fits(holds: boolean, what: string): void {
  if (!holds) throw new Misfit(`${what} does not fit`);
}
