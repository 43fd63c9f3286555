// For the test, which is TypeScript; what each means is in campaign.mjs.

export interface Tally {
  readonly streams: number;
  readonly frames: number;
  readonly lines: Readonly<Record<string, number>>;
  readonly answers: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly problems: readonly { readonly stream: string; readonly problem: string }[];
}

export interface Run {
  readonly seed: number | string;
  readonly ports: { readonly http: number; readonly tcp: number | null };
  readonly lines?: readonly ('websocket' | 'sockjs' | 'xhr' | 'xhr_streaming' | 'tcp')[];
  readonly atOnce?: number;
}

export class Campaign {
  constructor(run: Run);
  readonly tally: Tally;
  play(ids: Iterable<number | string>): Promise<void>;
}
