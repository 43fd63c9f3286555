/** In 1.0 a subscription without an id is known by its destination (STOMP 1.0, "SUBSCRIBE"). */
export function subscriptionKey(id: string | undefined, destination: string | undefined): string {
  return id === undefined ? `destination ${destination ?? ''}` : `id ${id}`;
}
