import { addressKey } from './address.ts';

/** A client as shares and rates see it. */
export interface KeyedClient {
  readonly address: string;
  /** `null`: a guest. */
  readonly user: string | null;
}

/** The key under which a client counts against limits: its user, or else its address. */
export function clientKey({ address, user }: KeyedClient): string {
  return user === null ? `address ${addressKey(address)}` : `user ${user}`;
}
