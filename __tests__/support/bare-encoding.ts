import type { SplitFrame, Tail, WireEncoding } from '../../broker/packet.ts';

interface BareTail extends Tail {
  readonly octets: Buffer;
}

/** A wire that carries frames as they are. */
export class BareEncoding implements WireEncoding {
  readonly isTextOnly: boolean = false;
  readonly name: string;
  /** How often the end of a frame was encoded. */
  prepared = 0;

  constructor(name: string) {
    this.name = name;
  }

  join(frames: readonly SplitFrame<BareTail>[]): Buffer | string {
    return this.wrap(frames.flatMap(({ head, tail }) => [Buffer.from(head), tail.octets]));
  }

  prepare(lines: string, body: Buffer): BareTail {
    this.prepared += 1;
    const octets = Buffer.concat([Buffer.from(lines), body, Buffer.of(0)]);
    return { bytes: octets.length, octets };
  }

  wrap(frames: readonly Buffer[]): Buffer | string {
    return Buffer.concat(frames);
  }
}

/** The same, for text alone. */
export class BareText extends BareEncoding {
  override readonly isTextOnly = true;

  override wrap(frames: readonly Buffer[]): string {
    return Buffer.concat(frames).toString();
  }
}
