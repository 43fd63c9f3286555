// The headers in which proxies name their client: RFC 7239, and the three older ones.

import { isIP } from 'node:net';

export type Scheme = 'http' | 'https';

/** One hop's statement about the hop before it. Malformed or missing parts are `null`. */
export interface ForwardedElement {
  readonly address: string | null;
  readonly host: string | null;
  readonly proto: Scheme | null;
}

/** RFC 7239, 4: a pair of a token and a token or quoted string, and its delimiter. */
const PAIR = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:([^\s",;=]+)|"((?:[^"\\]|\\.)*)")[ \t]*(;|,|$)/y;

/** A name or address, with or without a port: nothing else could be compared. */
const HOST = /^(?:[\w.-]{1,255}|\[[\dA-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * The elements of a `Forwarded` header, in order. A malformed header has none, because the start of
 * its elements could only be guessed.
 */
export function parseForwarded(header: string): readonly ForwardedElement[] {
  const elements: ForwardedElement[] = [];
  let pairs = new Map<string, string>();
  PAIR.lastIndex = 0;
  for (let at = 0; at < header.length; at = PAIR.lastIndex) {
    const [, name = '', token, quoted = '', end = ''] = PAIR.exec(header) ?? [];
    if (name === '') return [];
    pairs.set(name.toLowerCase(), token ?? quoted.replace(/\\(.)/g, '$1'));
    if (end === ';') continue;
    elements.push(elementOf(pairs.get('for'), pairs.get('host'), pairs.get('proto')));
    pairs = new Map();
  }
  return pairs.size === 0 ? elements : [];
}

/**
 * The elements of the `X-Forwarded-…` headers. Host and scheme belong to the address at the same
 * position from the right; a proxy that writes a single value means the client's.
 */
export function parseForwardedFor(given: {
  readonly addresses: string;
  readonly hosts: string;
  readonly protos: string;
}): readonly ForwardedElement[] {
  const addresses = listOf(given.addresses);
  const hosts = listOf(given.hosts);
  const protos = listOf(given.protos);
  // A proxy that hides its clients' addresses may still forward their host and scheme.
  const length = Math.max(addresses.length, hosts.length > 0 || protos.length > 0 ? 1 : 0);
  return Array.from({ length }, (_, at) => {
    const fromRight = length - at;
    return elementOf(
      addresses.at(-fromRight),
      hosts.at(-fromRight) ?? hosts[0],
      protos.at(-fromRight) ?? protos[0],
    );
  });
}

function listOf(header: string): readonly string[] {
  return header.trim() === '' ? [] : header.split(',').map((one) => one.trim());
}

function elementOf(
  address: string | undefined,
  host: string | undefined,
  proto: string | undefined,
): ForwardedElement {
  return {
    address: addressOf(address ?? ''),
    host: host !== undefined && HOST.test(host) ? host : null,
    proto: protoOf(proto?.toLowerCase()),
  };
}

/** RFC 7239, 6: an IPv6 address stands in brackets, and a port may follow either kind. */
function addressOf(node: string): string | null {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]+)\](?::\w+)?|([^:]*)(?::\w+)?)$/.exec(node) ?? [];
  const address = bracketed ?? plain;
  if (isIP(address) !== 0) return address;
  // `X-Forwarded-For` has IPv6 addresses without brackets.
  return isIP(node) === 6 ? node : null;
}

/** Some proxies use the scheme of WebSocket URLs for an upgrade. */
function protoOf(name: string | undefined): Scheme | null {
  if (name === 'http' || name === 'ws') return 'http';
  return name === 'https' || name === 'wss' ? 'https' : null;
}
