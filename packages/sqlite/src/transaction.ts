import { type Database, prepare } from './driver.js';

/** Runs synchronous work in one transaction: all of it is written, or nothing. */
export type Transaction = <T>(work: () => T) => T;

/**
 * `immediate` takes the write lock at the start, so that what is decided by reading still holds when it is written.
 * `deferred` takes none as long as nothing is written: one state of the file, for several reads.
 *
 * @param assertPresent - Throws if the file is gone, so that nothing is written to it.
 */
export function createTransaction(
  database: Database,
  kind: 'immediate' | 'deferred' = 'immediate',
  assertPresent: () => void = () => {},
): Transaction {
  const begin = prepare(database, `BEGIN ${kind}`);
  const commit = prepare(database, 'COMMIT');
  const rollback = prepare(database, 'ROLLBACK');

  return (work) => {
    assertPresent();
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      try {
        rollback.run();
      } catch {
        // SQLite has done so itself, as it does when the disk is full.
      }
      throw error;
    }
  };
}
