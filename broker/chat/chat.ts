// The chat: what `/app/chat/message` does, who is in which room, and what rooms and lobby are
// told of it. Handlers return what to publish; membership changes when that is committed.

import {
  CHAT_MESSAGE_PROBLEMS,
  type ChatMessage,
  parseChatMessage,
} from '../../shared/chat-message.ts';
import { CHAT_PATTERNS, type ChatDestinations } from '../../shared/destinations.ts';
import { parseRoomId, roomIdText } from '../../shared/room-id.ts';
import type { Application } from '../application/application.ts';
import { reject } from '../application/rejection.ts';
import { type Outgoing, type Reply, sendTo } from '../application/reply.ts';
import type { Caller, Request } from '../application/request.ts';
import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Log } from '../log.ts';
import { announce } from './announcement.ts';
import { ChatRate, type ChatRates } from './chat-rate.ts';
import { History } from './history.ts';
import { LobbyFeed } from './lobby-feed.ts';
import type { Membership, Person } from './membership.ts';
import { MemoryMembership } from './memory-membership.ts';
import { PresenceFeed } from './presence-feed.ts';
import { ROOM_REFUSALS, Rooms } from './rooms.ts';
import { Saved } from './saved.ts';

export interface ChatLimits {
  /** Larger bodies are refused before they are parsed. */
  readonly chatBodyBytes: number;
  /** How long changes of presence and lobby are gathered. */
  readonly gatherMs: number;
  readonly graceMs: number;
  readonly membershipsPerSessionMax: number;
  /** Bytes of histories that are kept for more who read them over HTTP. */
  readonly pagesBytes: number;
  readonly presenceNamesMax: number;
  /** How long a person of before a restart may take to come back. */
  readonly restartGraceMs: number;
  /** Seconds without use after which a named room without people and messages goes; 0: never. */
  readonly roomIdleSeconds: number;
  readonly roomListMax: number;
  readonly roomsMax: number;
}

export interface ChatOptions {
  readonly clock: Clock;
  readonly destinations: ChatDestinations;
  readonly engine: Pick<Engine, 'append' | 'ends' | 'epoch' | 'facts' | 'history'>;
  readonly limits: ChatLimits;
  readonly log: Log;
  readonly rates: ChatRates & Pick<RateLimits, 'takeNewRoom'>;
}

export class Chat {
  readonly history: History;
  readonly rooms: Rooms;
  readonly #lobby: LobbyFeed;
  readonly #membership: Membership;
  readonly #options: ChatOptions;
  readonly #presence: PresenceFeed;
  readonly #rate: ChatRate;
  readonly #saved: Saved;

  constructor(options: ChatOptions) {
    const { clock, limits } = options;
    const { gatherMs, graceMs, membershipsPerSessionMax, roomListMax: listMax } = limits;
    this.#options = options;
    this.history = new History({
      engine: options.engine,
      pagesBytes: limits.pagesBytes,
      roomOf: options.destinations.roomOf,
    });
    this.#saved = new Saved(() => options.engine.facts);
    this.#rate = new ChatRate(options.rates);
    this.#membership = new MemoryMembership(
      { clock, graceMs, membershipsPerSessionMax },
      {
        appeared: (person) => this.#appeared(person),
        gone: (person, how) => this.#gone(person, how),
      },
    );
    this.rooms = new Rooms({
      clock,
      idleMs: limits.roomIdleSeconds * 1_000,
      listMax,
      roomsMax: limits.roomsMax,
      peopleIn: (roomId) => this.#membership.countOf(roomId),
      hasHistory: (roomId) => this.#hasHistory(roomId),
      changed: (roomId) => this.#lobby.changed(roomId),
      saved: this.#saved,
      takeNewRoom: (address) => options.rates.takeNewRoom(address),
    });
    this.#lobby = new LobbyFeed({
      clock,
      gatherMs,
      listMax,
      rooms: this.rooms,
      publish: (change) => this.#publish(sendTo(options.destinations.lobby, change)),
    });
    this.#presence = new PresenceFeed({
      clock,
      gatherMs,
      namesMax: limits.presenceNamesMax,
      publish: (change) =>
        this.#publish(sendTo(options.destinations.presenceOf(change.roomId), change)),
    });
  }

  /** Registers everything that the chat answers to. */
  register(application: Application): Application {
    return application
      .keepPrivate(CHAT_PATTERNS.private)
      .message(CHAT_PATTERNS.message, (request) => this.#say(request))
      .subscribe(CHAT_PATTERNS.lobby, () => this.rooms.encodedList().body)
      .topic(CHAT_PATTERNS.lobby, () => this.rooms.encodedList().body)
      .topic(CHAT_PATTERNS.room, ({ params }) => {
        checkRoomId(params.roomId);
      })
      .topic(CHAT_PATTERNS.presence, ({ params }) =>
        this.#presence.encodedState(checkRoomId(params.roomId)),
      )
      .closed((caller) => this.#membership.drop(caller.sessionId));
  }

  /** Once the store is there: rooms and people of before a restart are there again, untold. */
  restore(): void {
    this.rooms.restore();
    for (const person of this.#saved.people()) {
      this.#presence.restore(person);
      this.#membership.restore(person, this.#options.limits.restartGraceMs);
      this.rooms.countChanged(person.roomId);
    }
  }

  /** Ends all waiting: a stop writes no LEAVE. */
  stop(): void {
    this.#membership.stop();
    this.rooms.stop();
    this.#presence.stop();
    this.#lobby.stop();
  }

  #say(request: Request): Reply {
    const { caller } = request;
    const { chatBodyBytes } = this.#options.limits;
    // A body that is not parsed costs no more than the smallest one.
    const isTooLarge = request.body.length > chatBodyBytes;
    if (!this.#rate.take(caller, isTooLarge ? 0 : request.body.length)) {
      reject('RATE_LIMITED', 'too many messages in a short time');
    }
    if (isTooLarge) {
      reject('BODY_TOO_LARGE', `a message into the chat has at most ${chatBodyBytes} bytes`);
    }
    const parsed = parseChatMessage(request.json());
    if (parsed.type === 'refused') reject(parsed.code, CHAT_MESSAGE_PROBLEMS[parsed.code]);
    const { message } = parsed;
    if (message.type === 'TYPING') return this.#replyTo(message, request);

    const refusal = this.rooms.use(roomIdText(message.roomId), caller.address);
    if (refusal !== null) reject(refusal, ROOM_REFUSALS[refusal]);
    return this.#replyTo(message, request);
  }

  #replyTo(message: ChatMessage, { caller }: Request): Reply {
    const roomId = roomIdText(message.roomId);
    const person = { roomId, name: message.sender };
    const { published, deduplication } = announce(message, this.#options.clock.now());
    // No header of the SEND goes with it: a client may send its token along.
    const outgoing = sendTo(this.#options.destinations.roomOf(roomId), published, {
      isEphemeral: message.type === 'TYPING',
      deduplication,
    });
    switch (message.type) {
      case 'TALK':
      case 'TYPING':
        return { publish: [outgoing] };
      case 'LEAVE':
        return {
          publish: [outgoing],
          committed: () => this.#membership.leave(caller.sessionId, person),
        };
      case 'ENTER':
        return this.#enter(caller, person, message.resume === true, outgoing);
    }
  }

  #enter(caller: Caller, person: Person, isResume: boolean, outgoing: Outgoing): Reply {
    if (!this.#membership.hasRoomFor(caller.sessionId, person)) {
      reject('TOO_MANY_MEMBERSHIPS', 'the session is in as many rooms as it may be');
    }
    // A reconnect is nobody's news while the room still counts the person.
    const isAnnounced = !isResume || !this.#membership.isCounted(person);
    return {
      publish: isAnnounced ? [outgoing] : [],
      committed: () => this.#membership.enter(caller.sessionId, person),
    };
  }

  #appeared(person: Person): void {
    this.#saved.setPerson(person, true);
    this.#countChanged(person.roomId);
    this.#presence.joined(person);
  }

  #gone(person: Person, how: 'left' | 'expired'): void {
    this.#saved.setPerson(person, false);
    this.#countChanged(person.roomId);
    this.#presence.left(person);
    if (how === 'left') return;
    const { roomId, name: sender } = person;
    const { published } = announce({ type: 'LEAVE', roomId, sender }, this.#options.clock.now());
    this.#publish(sendTo(this.#options.destinations.roomOf(roomId), published));
  }

  #countChanged(roomId: string): void {
    this.rooms.countChanged(roomId);
    this.#lobby.changed(roomId);
  }

  /** What the broker says by itself; nobody waits for it. */
  #publish({ destination, headers, body }: Outgoing): void {
    const { engine, log } = this.#options;
    void engine.append([{ destination, message: { headers, body } }]).then((outcome) => {
      if (outcome.type === 'refused')
        log.warn({ destination, code: outcome.code }, 'not published');
    });
  }

  #hasHistory(roomId: string): boolean {
    const { destinations, engine } = this.#options;
    const ends = engine.ends(destinations.roomOf(roomId));
    return ends !== null && ends.oldest <= ends.head;
  }
}

function checkRoomId(roomId: string): string {
  return parseRoomId(roomId) ?? reject('BAD_ROOM_ID', CHAT_MESSAGE_PROBLEMS.BAD_ROOM_ID);
}
