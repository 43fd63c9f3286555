import type { Config } from '../../broker/config.ts';
import type { ServerOptions } from '../../broker/server.ts';
import type { StompVersion } from '../../broker/stomp/version.ts';
import type { PipeKind } from '../broker/transport/pipe.ts';
import { useServer } from '../support/start-server.ts';
import { StompPeer } from './stomp-peer.ts';

export interface Wire {
  /** The server's address, while the tests run. */
  url(): string;
  sessionCount(): number;
  /** A peer that said nothing yet. */
  open(): Promise<StompPeer>;
  /** A peer that is logged in. */
  connect(version?: StompVersion, headers?: Record<string, string>): Promise<StompPeer>;
  /** A peer that is subscribed as `0`. */
  listen(
    destination: string,
    version?: StompVersion,
    headers?: Record<string, string>,
  ): Promise<StompPeer>;
}

/** A server for the tests of a `describe`, and peers that reach it over one kind of wire. */
export function useWire(
  kind: PipeKind,
  settings: Partial<Config> = {},
  options: ServerOptions = {},
): Wire {
  const running = useServer(settings, options);
  const wire: Wire = {
    url: () => running().url,
    sessionCount: () => running().server.sessionCount,
    open: () => StompPeer.open(kind, running().url),
    connect: (version, headers) => StompPeer.connect(kind, running().url, version, headers),
    async listen(destination, version, headers) {
      const peer = await wire.connect(version);
      await peer.subscribe(destination, headers);
      return peer;
    },
  };
  return wire;
}
