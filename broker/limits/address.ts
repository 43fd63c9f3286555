import { isIPv6 } from 'node:net';

/**
 * The key under which an address counts against limits: an IPv4 address as it is, an IPv4-mapped
 * IPv6 address as its IPv4 address, and any other IPv6 address by its first 64 bits, because a
 * single customer usually has at least a /64 (RFC 6177).
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  // The zone (`fe80::1%eth0`) names an interface of this host.
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return address;
  return `${firstGroups(plain).join(':')}::/64`;
}

/** The first four groups of an IPv6 address, without leading zeros. */
function firstGroups(address: string): string[] {
  const [before = '', after] = address.toLowerCase().split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  // A dotted quad at the end stands for two groups, and no key needs what it says.
  const length = left.length + right.length + (address.includes('.') ? 1 : 0);
  const zeros = after === undefined ? 0 : 8 - length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right];
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
}
