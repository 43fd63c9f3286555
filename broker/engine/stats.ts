import type { Database } from 'lmdb';

/** Of what lmdb tells about a database, and about the file. */
export interface Stats {
  readonly entryCount: number;
  readonly lastPageNumber: number;
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
}

/** lmdb says only in its documentation what `getStats` returns. */
export function statsOf(database: Pick<Database, 'getStats'>): Stats {
  return database.getStats() as Stats;
}
