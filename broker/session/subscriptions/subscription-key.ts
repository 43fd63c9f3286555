/** The key of a subscription: its id or, in STOMP 1.0, its destination (STOMP 1.0, "SUBSCRIBE"). */
export function subscriptionKey(id: string | undefined, destination: string | undefined): string {
  return id === undefined ? `destination ${destination ?? ''}` : `id ${id}`;
}
