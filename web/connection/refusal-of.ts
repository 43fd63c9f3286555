import * as v from 'valibot';
import type { Refusal } from '../../shared/refusal.ts';

const BodySchema = v.object({ code: v.string(), text: v.string() });

/** Parses a MESSAGE of the refusals queue. If its body is invalid, the headers give the code. */
export function refusalOf(
  headers: Readonly<Record<string, string | undefined>>,
  body: unknown,
): Refusal {
  const parsed = v.safeParse(BodySchema, body);
  const { code, text } = parsed.success
    ? parsed.output
    : { code: headers.code ?? 'UNKNOWN', text: '' };
  const receiptId = headers['receipt-id'];
  return receiptId === undefined ? { code, text } : { code, text, receiptId };
}
