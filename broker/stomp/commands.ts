import { ProtocolError } from './errors.ts';
import { CLIENT_COMMANDS, type ClientCommand, type ClientFrame, headerOf } from './frame.ts';
import * as h from './header-names.ts';
import type { StompVersion } from './version.ts';

interface CommandRule {
  /** Required headers; `needs11` and `needs10` where an earlier version differs. */
  readonly needs: readonly string[];
  readonly needs11?: readonly string[];
  readonly needs10?: readonly string[];
  /** The first version that has the command. */
  readonly since?: StompVersion;
}

/** The headers that each client frame must have (STOMP 1.2, "Frames and Headers"). */
const RULES: Readonly<Record<ClientCommand, CommandRule>> = {
  // `host` and `accept-version` are required on paper; stompjs sends no host, 1.0 knows neither.
  CONNECT: { needs: [] },
  STOMP: { needs: [] },
  SEND: { needs: [h.DESTINATION] },
  SUBSCRIBE: { needs: [h.DESTINATION, h.ID], needs10: [h.DESTINATION] },
  UNSUBSCRIBE: { needs: [h.ID], needs10: [] },
  ACK: { needs: [h.ID], needs11: [h.MESSAGE_ID, h.SUBSCRIPTION], needs10: [h.MESSAGE_ID] },
  NACK: { needs: [h.ID], needs11: [h.MESSAGE_ID, h.SUBSCRIPTION], since: '1.1' },
  BEGIN: { needs: [h.TRANSACTION] },
  COMMIT: { needs: [h.TRANSACTION] },
  ABORT: { needs: [h.TRANSACTION] },
  DISCONNECT: { needs: [] },
};

export function isClientCommand(text: string): text is ClientCommand {
  return Object.hasOwn(RULES, text);
}

/** True if the text is the beginning of a command. */
export function beginsClientCommand(text: string): boolean {
  return CLIENT_COMMANDS.some((command) => command.startsWith(text));
}

/**
 * STOMP 1.2, "Body": only SEND, MESSAGE and ERROR may have one. 1.0 says of SUBSCRIBE that its
 * body is ignored, so there it is.
 */
export function mayHaveBody(command: ClientCommand, version: StompVersion | null): boolean {
  return command === 'SEND' || version === '1.0';
}

/** Throws ProtocolError if the frame lacks something that this version requires. */
export function checkFrame(frame: ClientFrame, version: StompVersion): void {
  const rule = RULES[frame.command];
  if (rule.since !== undefined && version < rule.since) {
    throw new ProtocolError('UNKNOWN_COMMAND', `${frame.command} in STOMP ${version}`);
  }
  for (const name of neededHeaders(rule, version)) {
    if (headerOf(frame, name) === undefined) {
      throw new ProtocolError('MISSING_HEADER', `${frame.command} needs ${name}`);
    }
  }
}

function neededHeaders(rule: CommandRule, version: StompVersion): readonly string[] {
  if (version === '1.2') return rule.needs;
  if (version === '1.1') return rule.needs11 ?? rule.needs;
  return rule.needs10 ?? rule.needs11 ?? rule.needs;
}
