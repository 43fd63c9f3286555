// The client behind an HTTP request: its address, and the scheme and host that it asked for.
// Headers that proxies add are believed only from listed peers, because anybody can send them.

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

/** The client of a request, as seen through trusted proxies. */
export interface Client {
  readonly address: string;
  /** As in `Host`, with its port if there is one. `undefined`: the request names no host. */
  readonly host: string | undefined;
  /** `null`: unknown, because a proxy that is not listed may have terminated TLS. */
  readonly scheme: Scheme | null;
}

/**
 * Determines the client of a request. Only the headers of listed peers are read: `Forwarded` (RFC
 * 7239), or `X-Forwarded-For`, `-Proto` and `-Host`. Their lists are walked from the right for as
 * long as the hop that wrote an element is trusted, so an element that a client forged is never
 * reached.
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

  /** True for a trusted proxy, whose headers name the client. */
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

  /** Combines the statements of all trusted hops. */
  #walk(peer: string, { headers }: Request): Walked {
    const standard = headers.forwarded;
    const usual = usualElements(headers);
    if (standard === undefined) return this.#follow(peer, usual);
    const followed = this.#follow(peer, parseForwarded(standard));
    if (usual.length === 0) return followed;
    // A proxy that writes one kind of header passes the other kind on as the client sent it. The
    // two cannot be told apart, so neither counts where they differ.
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
      // `unknown`, or a name that only the proxy understands: the hops before it cannot be known.
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

/** The elements of the three `X-Forwarded-…` headers; empty without such headers. */
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

/** Without TLS the scheme is unknown: a proxy in front of this server may terminate TLS. */
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
