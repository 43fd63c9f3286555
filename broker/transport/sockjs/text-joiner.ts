/**
 * Encodes texts as octets where a text may be split across messages. stompjs splits large frames by
 * UTF-16 units, even within an emoji, so half a surrogate pair waits for its other half.
 */
export class TextJoiner {
  #half = '';

  join(piece: string): Buffer {
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#half = isHalf ? text.slice(-1) : '';
    return Buffer.from(isHalf ? text.slice(0, -1) : text, 'utf8');
  }
}
