/** The body of a MESSAGE on the errors queue, and of an HTTP error response. */
export interface Refusal {
  /** Stable; PROTOCOL.md lists all codes. */
  readonly code: string;
  /** For developers; may change. */
  readonly text: string;
  /** The destination of the SEND that was refused. */
  readonly destination?: string;
  /** The `receipt` of the SEND that was refused. */
  readonly receiptId?: string;
  /** Number of refusals that this one stands for; its destination is that of the last. */
  readonly count?: number;
}
