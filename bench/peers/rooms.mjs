// Rooms as sets of connections, as one writes them by hand: one text for a message, one write for
// each member.

import { stamped } from './message.mjs';

export class Rooms {
  #members = new Map();

  /** Takes what a connection says; `member.write` is how it is told something. */
  take(member, text) {
    const said = JSON.parse(text);
    if (said.join !== undefined) {
      this.#join(said.join, member);
      member.write('joined');
      return;
    }
    const told = JSON.stringify(stamped(said));
    for (const one of this.#members.get(said.roomId) ?? []) one.write(told);
  }

  leave(member) {
    for (const members of this.#members.values()) members.delete(member);
  }

  #join(room, member) {
    const members = this.#members.get(room) ?? new Set();
    this.#members.set(room, members.add(member));
  }
}
