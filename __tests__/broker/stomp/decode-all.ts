import { FrameDecoder, type FrameLimits } from '../../../broker/stomp/decoder.ts';
import { ProtocolError } from '../../../broker/stomp/errors.ts';
import type { ClientCommand, ClientFrame, Header } from '../../../broker/stomp/frame.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';

/** The ways to cut the input: the same bytes must mean the same, however the network cuts them. */
export const CUTS: [how: string, cut: (all: Buffer) => Buffer[]][] = [
  ['whole', (all) => [Buffer.from(all)]],
  ['in halves', (all) => [all.subarray(0, all.length >> 1), all.subarray(all.length >> 1)]],
  ['byte by byte', (all) => Array.from(all, (octet) => Buffer.of(octet))],
];

export const ROOMY: FrameLimits = { bodyBytes: 100_000, headerBytes: 8_192, headerCountMax: 100 };

/** Decodes every whole frame in these pieces; without a version, as before CONNECT. */
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

/** Decodes the whole frames of the input that was pushed. */
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

/** Returns the ProtocolError that this throws. Any other error is thrown on. */
export function errorOf(act: () => unknown): ProtocolError {
  try {
    act();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('no ProtocolError was thrown');
}
