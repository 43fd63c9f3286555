/**
 * The life of the store in an epoch of the form `<life>-<term>`. Positions of different lives are
 * never comparable. Those of one life are, as far as the server reports them as recovered.
 */
export function lifeOf(epoch: string): string {
  const end = epoch.lastIndexOf('-');
  return end === -1 ? epoch : epoch.slice(0, end);
}
