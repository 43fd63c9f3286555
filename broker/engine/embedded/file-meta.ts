// The two meta pages at the beginning of an LMDB file, which transactions write alternately. The newer
// one has the roots of all trees.

/** A database in the file, or its list of free pages. */
export interface TreeMeta {
  readonly branches: number;
  readonly depth: number;
  readonly entries: number;
  /** The number of pages of records that are too large for a leaf. */
  readonly large: number;
  readonly leaves: number;
  /** The page number of the root; `null`: the tree is empty. */
  readonly root: number | null;
}

export interface FileMeta {
  readonly free: TreeMeta;
  readonly lastPage: number;
  readonly main: TreeMeta;
  readonly pageBytes: number;
  /** The transaction that wrote the page. */
  readonly transaction: number;
}

export const META_BYTES = 0xa0;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const META_PAGE = 8;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** The places of the fields in a meta page, counted from the header of the page. */
const AT = {
  flags: 0x12,
  magic: 0x18,
  version: 0x1c,
  mapBytes: 0x28,
  free: 0x30,
  main: 0x60,
  lastPage: 0x90,
  transaction: 0x98,
} as const;

/** `null`: these are not the bytes of a meta page. */
export function readMeta(bytes: Buffer): FileMeta | null {
  if (bytes.length < META_BYTES || bytes.readUInt32LE(AT.magic) !== MAGIC) return null;
  return {
    free: readTree(bytes, AT.free),
    lastPage: numberAt(bytes, AT.lastPage),
    main: readTree(bytes, AT.main),
    pageBytes: bytes.readUInt32LE(AT.free),
    transaction: numberAt(bytes, AT.transaction),
  };
}

/** True if LMDB can rely on the fields of a meta page. */
export function isUsable(bytes: Buffer): boolean {
  const { lastPage, pageBytes } = readMeta(bytes) ?? { lastPage: 0, pageBytes: 0 };
  const isPage = bytes.readUInt16LE(AT.flags) === META_PAGE;
  const isSized = pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
  const mapBytes = numberAt(bytes, AT.mapBytes);
  const isMapped = mapBytes >= (lastPage + 1) * pageBytes && mapBytes < 2 ** 46;
  const isPlain = bytes.readUInt32LE(AT.main) === 0 && bytes.readUInt16LE(AT.main + 4) === 0;
  return isPage && bytes.readUInt32LE(AT.version) === VERSION && isSized && isMapped && isPlain;
}

export function readTree(bytes: Buffer, at: number): TreeMeta {
  return {
    branches: numberAt(bytes, at + 8),
    depth: bytes.readUInt16LE(at + 6),
    entries: numberAt(bytes, at + 32),
    large: numberAt(bytes, at + 24),
    leaves: numberAt(bytes, at + 16),
    root: bytes.readBigUInt64LE(at + 40) === NO_PAGE ? null : numberAt(bytes, at + 40),
  };
}

/** A number of 64 bits; one that is beyond any file may be rounded. */
export function numberAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
