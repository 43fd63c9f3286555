import { isCredential } from '../../shared/credentials.ts';
import { BODY_OMITTED, DUPLICATE, RECOVERED, STREAM_PREFIX } from '../../shared/header-names.ts';
import type { Header } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';

const OWN_NAMES: ReadonlySet<string> = new Set([
  h.ACK,
  h.DESTINATION,
  h.LOGIN,
  h.MESSAGE_ID,
  h.PASSCODE,
  h.RECEIPT,
  h.REDELIVERED,
  h.SUBSCRIPTION,
  h.TRANSACTION,
  BODY_OMITTED,
  DUPLICATE,
  RECOVERED,
]);

/** A rule about header names that caches its answers, as few names are used over and over. */
class NameRule {
  readonly #answers = new Map<string, boolean>();
  readonly #rule: (name: string) => boolean;

  constructor(rule: (name: string) => boolean) {
    this.#rule = rule;
  }

  allows(name: string): boolean {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const answer = this.#rule(name);
    if (name.length > NAME_LENGTH_MAX) return answer;
    // Clients choose the names, so the cache is bounded.
    if (this.#answers.size >= NAMES_MAX) this.#answers.clear();
    this.#answers.set(name, answer);
    return answer;
  }
}

const NAMES_MAX = 256;
const NAME_LENGTH_MAX = 64;

const CLIENT_RULE = new NameRule((name) => isPassed(name) && !isCredential(name));
const PROGRAM_RULE = new NameRule(isPassed);

/**
 * The headers of a client's SEND that receivers get: all but the names that are the broker's to say
 * (STOMP 1.2, "SEND": user-defined headers pass through), and those that carry credentials.
 */
export function passedHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => CLIENT_RULE.allows(name));
}

/**
 * As `passedHeaders`, for a message of the program: credentials pass, as they were named on
 * purpose.
 */
export function programHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => PROGRAM_RULE.allows(name));
}

function isPassed(name: string): boolean {
  // A client that trims names would take ` content-length` for the real header.
  const trimmed = name.trim();
  if (OWN_NAMES.has(trimmed) || trimmed.startsWith(STREAM_PREFIX)) return false;
  // A client that ignores case would take `Content-Length` for the real header and lose the
  // framing.
  return trimmed.length !== h.CONTENT_LENGTH.length || trimmed.toLowerCase() !== h.CONTENT_LENGTH;
}
