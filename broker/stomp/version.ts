/** The supported versions, lowest first. */
export const STOMP_VERSIONS = ['1.0', '1.1', '1.2'] as const;
export type StompVersion = (typeof STOMP_VERSIONS)[number];

/**
 * The highest version both sides know; `null`: none. A CONNECT without `accept-version` is 1.0
 * (STOMP 1.2, "Protocol Negotiation"). Clients list theirs in any order.
 */
export function negotiateVersion(acceptVersion: string | undefined): StompVersion | null {
  if (acceptVersion === undefined) return '1.0';
  const accepted = new Set(acceptVersion.split(',').map((version) => version.trim()));
  return STOMP_VERSIONS.findLast((version) => accepted.has(version)) ?? null;
}
