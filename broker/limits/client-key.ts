import { addressKey } from './address.ts';

/** Who a client is, as far as shares and rates are concerned. */
export interface KeyedClient {
  readonly address: string;
  /** `null`: it has no name. */
  readonly user: string | null;
}

/** The key under which a client counts against limits: its user, or else its address. */
export function clientKey({ address, user }: KeyedClient): string {
  return user === null ? `address ${addressKey(address)}` : `user ${user}`;
}
