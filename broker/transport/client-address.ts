// Who a client is as far as HTTP goes: its address, and the scheme and host that it asked for. What
// proxies say of that counts only if they are listed, because anybody can send such headers.

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  type ForwardedElement,
  parseForwarded,
  parseForwardedFor,
  type Scheme,
} from './forwarded.ts';

type Request = Pick<IncomingMessage, 'headers' | 'socket'>;

/** The client of a request, behind whatever trusted proxies there are. */
export interface Client {
  readonly address: string;
  /** As in `Host`, with its port if there is one. `undefined`: none was named. */
  readonly host: string | undefined;
  /** `null`: not known, because a proxy that is not listed may have ended TLS. */
  readonly scheme: Scheme | null;
}

/**
 * Tells the client of a request. Only the headers of listed peers are read: `Forwarded` (RFC 7239),
 * or `X-Forwarded-For`, `-Proto` and `-Host`. The lists in them are walked from the right as long as
 * the hop that wrote an element is trusted, so an element that a client made up is never reached.
 */
export class Clients {
  readonly #trusted: BlockList | null;

  /** @param trustProxy addresses, CIDR ranges, or `loopback`, as in the setting */
  constructor(trustProxy: readonly string[]) {
    this.#trusted =
      trustProxy.length === 0
        ? null
        : blockListOf(trustProxy.flatMap((one) => (one === 'loopback' ? LOOPBACK_RANGES : one)));
  }

  /** Whether a peer may say who its client is. */
  trusts(address: string): boolean {
    return this.#trusted !== null && contains(this.#trusted, address);
  }

  of(request: Request): Client {
    const { headers, socket } = request;
    const peer = socket.remoteAddress ?? 'unknown';
    const direct: Client = { address: peer, host: headers.host, scheme: schemeOf(socket) };
    if (!this.trusts(peer)) return direct;
    const { address, said } = this.#walk(peer, request);
    return {
      address,
      host: said.host ?? direct.host,
      scheme: said.proto ?? direct.scheme,
    };
  }

  /** What the trusted hops say together. */
  #walk(peer: string, { headers }: Request): Walked {
    const standard = headers.forwarded;
    const usual = usualElements(headers);
    if (standard === undefined) return this.#follow(peer, usual);
    const followed = this.#follow(peer, parseForwarded(standard));
    if (usual.length === 0) return followed;
    // A proxy that writes one of them passes the other on as the client sent it. Which one that is
    // cannot be told, so where they differ neither counts.
    const other = this.#follow(peer, usual);
    return followed.address === other.address
      ? { address: followed.address, said: { ...other.said, ...followed.said } }
      : { address: peer, said: {} };
  }

  #follow(peer: string, elements: readonly ForwardedElement[]): Walked {
    let address = peer;
    let said: Said = {};
    for (const element of elements.toReversed()) {
      if (!this.trusts(address)) break;
      const { host, proto } = element;
      said = { ...said, ...(host === null ? {} : { host }), ...(proto === null ? {} : { proto }) };
      // `unknown` and names that mean something to the proxy alone end the way to the client.
      if (element.address === null) break;
      address = element.address;
    }
    return { address, said };
  }
}

interface Said {
  readonly host?: string;
  readonly proto?: Scheme;
}

interface Walked {
  readonly address: string;
  readonly said: Said;
}

/** The elements of the three `X-Forwarded-…` headers; none: there are no such headers. */
function usualElements(headers: IncomingMessage['headers']): readonly ForwardedElement[] {
  return parseForwardedFor({
    addresses: textOf(headers['x-forwarded-for']),
    hosts: textOf(headers['x-forwarded-host']),
    protos: textOf(headers['x-forwarded-proto']),
  });
}

function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.join(',') ?? '');
}

/** A server without TLS cannot tell: one that ends it may stand before. */
function schemeOf(socket: Request['socket']): Scheme | null {
  return (socket as Partial<TLSSocket>).encrypted === true ? 'https' : null;
}

const LOOPBACK_RANGES = ['127.0.0.0/8', '::1'];
const LOOPBACK = blockListOf(LOOPBACK_RANGES);

export function isLoopback(address: string): boolean {
  return contains(LOOPBACK, address);
}

function contains(list: BlockList, address: string): boolean {
  // The zone (`fe80::1%eth0`) names an interface of this host.
  const [plain = ''] = address.split('%');
  if (isIP(plain) === 0) return false;
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
