import type { Publication } from '../../engine/engine.ts';
import type { SplitFrame } from '../../packet.ts';
import type { Header } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { StompFormat } from '../formats/stomp-format.ts';
import type { SubscriptionParts } from './subscription-parts.ts';

/** The parts of a subscription that a writer needs. */
export type WriterParts = Pick<SubscriptionParts, 'ackNames' | 'credit' | 'output'>;

/** Writes deliveries with headers of their own; deliveries that come together share one write. */
export class DeliveryWriter {
  readonly #format: StompFormat;
  readonly #parts: WriterParts;
  #bytes = 0;
  #frames: SplitFrame[] = [];
  #name: number | null = null;

  constructor(parts: WriterParts, format: StompFormat) {
    this.#parts = parts;
    this.#format = format;
  }

  /** The first part of the `ack` headers, drawn on first use: `auto` subscriptions need none. */
  get name(): number {
    this.#name ??= this.#parts.ackNames.nextName();
    return this.#name;
  }

  /** @param number the delivery's number; `null`: it needs no acknowledgement */
  add(publication: Publication, number: number | null, more: readonly Header[] = []): void {
    const headers = [...more];
    // STOMP 1.2, "MESSAGE": `ack` is present if an acknowledgement is needed. 1.1 has none.
    if (number !== null && this.#format.version === '1.2') {
      headers.push([h.ACK, `${this.name}-${number}`]);
    }
    const frame = this.#format.frameOf(publication, headers);
    const bytes = frame.head.length + frame.tail.bytes;
    this.#frames.push(frame);
    this.#bytes += bytes;
    this.#parts.credit.reserveBytes(bytes);
  }

  /** Writes the deliveries that were added. False: the client is too slow, and must be shed. */
  flush(): boolean {
    const { credit, output } = this.#parts;
    const { unsentBytesMax } = output;
    if (this.#frames.length > 0) {
      const frames = this.#frames;
      credit.releaseBytes(this.#bytes);
      this.#frames = [];
      this.#bytes = 0;
      for (const packet of this.#format.packetsOf(frames)) {
        if (output.bufferedBytes > unsentBytesMax) return false;
        output.write(packet);
      }
    }
    return output.bufferedBytes <= unsentBytesMax;
  }
}
