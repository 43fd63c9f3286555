/**
 * Texts to octets, where the pieces of one text may come in several messages. stompjs cuts large
 * frames by UTF-16 units, through the middle of an emoji: half of one waits for the other half.
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
