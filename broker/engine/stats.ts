import type { Database } from 'lmdb';

/** The part of lmdb's statistics about a database and its file that is used here. */
export interface Stats {
  readonly entryCount: number;
  readonly lastPageNumber: number;
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
}

/** lmdb's types leave the result of `getStats` open; its documentation lists the fields. */
export function statsOf(database: Pick<Database, 'getStats'>): Stats {
  return database.getStats() as Stats;
}
