import { FrameDecoder, type FrameLimits } from '../../../broker/stomp/decoder.ts';
import { ProtocolError } from '../../../broker/stomp/errors.ts';
import type { ClientCommand, ClientFrame, Header } from '../../../broker/stomp/frame.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';

/** The same bytes must mean the same, however the network cuts them. */
export const CUTS: [how: string, cut: (all: Buffer) => Buffer[]][] = [
  ['whole', (all) => [Buffer.from(all)]],
  ['in halves', (all) => [all.subarray(0, all.length >> 1), all.subarray(all.length >> 1)]],
  ['byte by byte', (all) => Array.from(all, (octet) => Buffer.of(octet))],
];

export const ROOMY: FrameLimits = { bodyBytes: 100_000, headerBytes: 8_192, headerCountMax: 100 };

/** Every whole frame in these pieces; no version is that of a session before CONNECT. */
export function decodeAll(
  pieces: readonly Buffer[],
  version: StompVersion | null = '1.2',
  limits = ROOMY,
): ClientFrame[] {
  const decoder = new FrameDecoder(limits);
  if (version !== null) decoder.speak(version);
  return pieces.flatMap((piece) => {
    decoder.push(piece);
    return framesOf(decoder);
  });
}

/** What can be read of what was pushed. */
export function framesOf(decoder: FrameDecoder): ClientFrame[] {
  const frames: ClientFrame[] = [];
  for (let frame = decoder.next(); frame !== null; frame = decoder.next()) frames.push(frame);
  return frames;
}

export function frame(
  command: ClientCommand,
  headers: readonly Header[] = [],
  body: string | Buffer = '',
): ClientFrame {
  return { command, headers, body: Buffer.from(body) };
}

/** The ProtocolError that this ends in. Anything else that is thrown goes on. */
export function errorOf(act: () => unknown): ProtocolError {
  try {
    act();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('no ProtocolError was thrown');
}
