// MessagePack, as far as a value is to be passed over: what a record has before the field that is
// wanted need not be made only to be thrown away.

export const NIL = 0xc0;
const FIX_ARRAY = 0x90;
const FIX_STRING = 0xa0;

/** Bytes of a number after its mark, from float 32 (0xca) to int 64 (0xd3). */
const NUMBER_BYTES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

/** Where the value ends that begins at `at`: a number, a string, bytes, nil, or an array of these. */
export function skipValue(bytes: Buffer, at: number): number {
  const mark = bytes[at] ?? 0;
  const next = at + 1;
  if (mark < 0x80 || mark >= 0xe0 || mark === NIL) return next;
  if (mark >= FIX_STRING && mark < NIL) return next + (mark & 0x1f);
  if (mark >= FIX_ARRAY && mark < FIX_STRING) return skipValues(bytes, next, mark & 0x0f);
  if (mark >= 0xca && mark <= 0xd3) return next + (NUMBER_BYTES[mark - 0xca] ?? 0);
  switch (mark) {
    case 0xc4: // bytes
    case 0xd9: // a string
      return next + 1 + bytes.readUInt8(next);
    case 0xc5:
    case 0xda:
      return next + 2 + bytes.readUInt16BE(next);
    case 0xc6:
    case 0xdb:
      return next + 4 + bytes.readUInt32BE(next);
    case 0xdc:
      return skipValues(bytes, next + 2, bytes.readUInt16BE(next));
    case 0xdd:
      return skipValues(bytes, next + 4, bytes.readUInt32BE(next));
    default:
      throw new Error(`a record holds a value of an unknown kind: ${mark}`);
  }
}

function skipValues(bytes: Buffer, at: number, count: number): number {
  let next = at;
  for (let index = 0; index < count; index += 1) next = skipValue(bytes, next);
  return next;
}
