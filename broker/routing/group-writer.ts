// Writes the publications of a batch to the members of a group: encoded once, with a single write
// for each member. Before each write the unsent bytes of the subscriber are compared with its
// limit, so it gets at most one packet more than that, however many subscriptions it has.

import { type Packet, packetBytes } from '../packet.ts';
import type { Load } from './delivery-load.ts';
import type { Outlet } from './outlet.ts';
import type { Group, Subscription } from './subscription-index.ts';
import { LOOK_UNITS, type TurnBudget } from './turn-budget.ts';

export interface FanOutLimits {
  /** Bytes that a connection may have unsent before its session is shed. */
  readonly unsentBytesMax: number;
}

/**
 * The number of members whose unsent bytes are read before the first of them is written to. Their
 * state is scattered in memory, and a processor fetches it for many at once, but not across a
 * system call.
 */
const LOOK_AHEAD = 32;

export class GroupWriter {
  readonly #limits: FanOutLimits;
  readonly #turn: TurnBudget;

  constructor(limits: FanOutLimits, turn: TurnBudget) {
    this.#limits = limits;
    this.#turn = turn;
  }

  /** Writes to all members, whatever time that takes. */
  writeAtOnce({ format, members }: Group, load: Load): void {
    const { newest, publications, slow } = load;
    const { unsentBytesMax } = this.#limits;
    // Encoded when the first member takes it.
    let packets: readonly Packet[] | null = null;
    /** The only packet, if it does not exceed the limit of a member with nothing unsent. */
    let single: Packet | null = null;
    for (let from = 0; from < members.length; from += LOOK_AHEAD) {
      const end = Math.min(from + LOOK_AHEAD, members.length);
      const isAnyBehind = unsentBytesOf(members, from, end) > 0;
      for (let at = from; at < end; at += 1) {
        const member = members[at];
        if (member === undefined || member.serial > newest) continue;
        const { outlet } = member;
        if (isAnyBehind && !this.#hasRoom(outlet, load)) continue;
        if (packets === null) {
          packets = format.encode(publications);
          single = singleWithin(unsentBytesMax, packets);
        }
        // Most deliveries cost one system call, so nothing else is done for them.
        if (single !== null && !isAnyBehind) outlet.write(single);
        else if (!writeAll(packets, outlet, unsentBytesMax)) slow.add(outlet);
      }
    }
  }

  /** As `writeAtOnce`, but yields where a turn ends; the index may have changed when it goes on. */
  *writeInTurns(group: Group, load: Load): Generator<void, void> {
    const { publications, slow, units } = load;
    const step = Math.max(1, Math.min(LOOK_AHEAD, Math.trunc(LOOK_UNITS / units)));
    // Encoded when the first member takes it.
    let packets: readonly Packet[] | null = null;
    let { members } = group;
    for (let from = 0; from < members.length; from += step) {
      if (this.#turn.isUsedUp) {
        // A member that leaves changes the places of others in the group.
        if (members === group.members) members = [...members];
        yield;
      }
      const outlets = this.#takersOf(members.slice(from, from + step), load);
      if (outlets.length > 0 && packets === null) {
        packets = group.format.encode(publications);
        this.#turn.spend(publications.length);
      }
      this.#turn.spend(1 + outlets.length * units);
      for (const outlet of outlets) {
        if (!writeAll(packets ?? [], outlet, this.#limits.unsentBytesMax)) slow.add(outlet);
      }
    }
  }

  /** The members that have room. */
  #takersOf(members: readonly Subscription[], load: Load): Outlet[] {
    const outlets: Outlet[] = [];
    for (const { index, outlet, serial } of members) {
      // It ended, or was made, since the batch was begun.
      if (index === -1 || serial > load.newest) continue;
      if (this.#hasRoom(outlet, load)) outlets.push(outlet);
    }
    return outlets;
  }

  /** False: the subscriber gets nothing now. One that reads too slowly is added to `slow`. */
  #hasRoom(outlet: Outlet, { isDroppable, slow }: Load): boolean {
    const { unsentBytesMax } = this.#limits;
    const unsent = outlet.bufferedBytes;
    if (isDroppable) return unsent <= unsentBytesMax / 2;
    if (unsent > unsentBytesMax) slow.add(outlet);
    return unsent <= unsentBytesMax;
  }
}

/** Writes them in order. False: more is unsent than may be, and the rest was left out. */
function writeAll(packets: readonly Packet[], outlet: Outlet, unsentBytesMax: number): boolean {
  for (const packet of packets) {
    outlet.write(packet);
    if (outlet.bufferedBytes > unsentBytesMax) return false;
  }
  return true;
}

function singleWithin(bytesMax: number, packets: readonly Packet[]): Packet | null {
  const [packet] = packets;
  if (packet === undefined || packets.length > 1) return null;
  return packetBytes(packet) <= bytesMax ? packet : null;
}

function unsentBytesOf(members: readonly Subscription[], from: number, end: number): number {
  let bytes = 0;
  for (let at = from; at < end; at += 1) bytes += members[at]?.outlet.bufferedBytes ?? 0;
  return bytes;
}
