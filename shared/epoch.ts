/**
 * The life of the store that an epoch names, `<life>-<term>`. Positions of one life are comparable,
 * as far as the server says that they are recovered; those of two lives never are.
 */
export function lifeOf(epoch: string): string {
  const end = epoch.lastIndexOf('-');
  return end === -1 ? epoch : epoch.slice(0, end);
}
