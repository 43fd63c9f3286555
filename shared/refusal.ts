/** The body of a MESSAGE on the errors queue, and of an HTTP answer that says no. */
export interface Refusal {
  /** Stable; PROTOCOL.md lists them. */
  readonly code: string;
  /** For a developer to read; may change. */
  readonly text: string;
  /** The destination of the SEND that was refused. */
  readonly destination?: string;
  /** The `receipt` of the SEND that was refused. */
  readonly receiptId?: string;
  /** It stands for so many refusals, and names the destination of the last. */
  readonly count?: number;
}
