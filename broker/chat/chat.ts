// The chat: it registers the handlers, and publishes when people come and go. `chat-messages.ts`
// decides about each SEND. Membership, presence and the room directory are passed in.

import { CHAT_MESSAGE_PROBLEMS } from '../../shared/chat-message.ts';
import { CHAT_PATTERNS, type ChatDestinations } from '../../shared/destinations.ts';
import { parseRoomId } from '../../shared/room-id.ts';
import type { Application } from '../application/application.ts';
import { reject } from '../application/rejection.ts';
import { type Outgoing, sendTo } from '../application/reply.ts';
import type { Clock } from '../clock.ts';
import type { Engine, FactChange } from '../engine/engine.ts';
import type { Log } from '../log.ts';
import { type Maybe, settle } from '../maybe.ts';
import { execute } from '../routing/plan-execution.ts';
import { accepted } from '../routing/plans.ts';
import { announce } from './announcement.ts';
import { ChatMessages } from './chat-messages.ts';
import { ChatRate, type ChatRates } from './chat-rate.ts';
import { History } from './history.ts';
import { LobbyFeed } from './lobby-feed.ts';
import type { Membership, Person } from './membership.ts';
import type { Presence } from './presence.ts';
import type { RoomDirectory } from './room-directory.ts';

export interface ChatLimits {
  /** Larger bodies are refused before they are parsed. */
  readonly chatBodyBytes: number;
  /** Time for which changes of the lobby are gathered. */
  readonly gatherMs: number;
  /** Bytes of encoded histories that are kept for others who read them over HTTP. */
  readonly pagesBytes: number;
  /** Rooms in one message to the lobby. */
  readonly roomListMax: number;
}

/** The state of the chat, behind contracts whose answers may come later. */
export interface ChatState {
  readonly membership: Membership;
  readonly presence: Presence;
  readonly rooms: RoomDirectory;
}

export interface ChatOptions extends ChatState {
  readonly clock: Clock;
  readonly destinations: ChatDestinations;
  readonly engine: Pick<Engine, 'append' | 'ends' | 'epoch' | 'history'>;
  readonly limits: ChatLimits;
  readonly log: Log;
  readonly rates: ChatRates;
}

export class Chat {
  readonly history: History;
  readonly rooms: RoomDirectory;
  readonly #lobby: LobbyFeed;
  readonly #messages: ChatMessages;
  readonly #options: ChatOptions;

  constructor(options: ChatOptions) {
    const { clock, destinations, engine, limits, membership, rates, rooms } = options;
    const { roomOf } = destinations;
    this.#options = options;
    this.rooms = rooms;
    this.history = new History({ engine, pagesBytes: limits.pagesBytes, roomOf });
    this.#messages = new ChatMessages({
      bodyBytesMax: limits.chatBodyBytes,
      clock,
      membership,
      rate: new ChatRate(rates),
      roomOf,
      rooms,
    });
    this.#lobby = new LobbyFeed({
      changeOf: (roomIds) => rooms.changeOf(roomIds),
      clock,
      failed: (error) => this.#failed(error),
      gatherMs: limits.gatherMs,
      listMax: limits.roomListMax,
      publish: (change) => void this.#publish(sendTo(destinations.lobby, change)),
    });
    this.#listen();
  }

  /** Registers everything that the chat answers to. */
  register(application: Application): Application {
    const { membership, presence, rooms } = this.#options;
    const list = () => settle(rooms.encodedList(), ({ body }) => body);
    return application
      .keepPrivate(CHAT_PATTERNS.private)
      .message(CHAT_PATTERNS.message, (request) => this.#messages.handle(request))
      .subscribe(CHAT_PATTERNS.lobby, list)
      .topic(CHAT_PATTERNS.lobby, () => list)
      .topic(CHAT_PATTERNS.room, ({ params }) => {
        checkRoomId(params.roomId);
      })
      .topic(CHAT_PATTERNS.presence, ({ params }) => {
        const roomId = checkRoomId(params.roomId);
        return () => presence.encodedState(roomId);
      })
      .closed(({ sessionId }) => this.#own(membership.drop(sessionId)));
  }

  /**
   * Restores the rooms and people of before a restart, unannounced, once the engine has started.
   */
  async restore(): Promise<void> {
    const { membership, presence, rooms } = this.#options;
    await rooms.restore();
    const counts = new Map<string, number>();
    for (const person of await membership.restore()) {
      await presence.restore(person);
      counts.set(person.roomId, (counts.get(person.roomId) ?? 0) + 1);
    }
    for (const [roomId, people] of counts) await rooms.countChanged(roomId, people);
  }

  /** Cancels all timers, so that a stop publishes no LEAVE. */
  stop(): void {
    const { membership, presence, rooms } = this.#options;
    membership.stop();
    rooms.stop();
    presence.stop();
    this.#lobby.stop();
  }

  #listen(): void {
    const { destinations, membership, presence, rooms } = this.#options;
    rooms.listen((roomId) => this.#lobby.changed(roomId));
    presence.listen((change) => {
      void this.#publish(sendTo(destinations.presenceOf(change.roomId), change));
    });
    membership.listen({
      appeared: (person, people) => {
        this.#countChanged(person.roomId, people);
        this.#own(presence.joined(person));
      },
      gone: (person, people) => {
        this.#countChanged(person.roomId, people);
        this.#own(presence.left(person));
      },
      expired: (person, facts) => this.#publishLeave(person, facts),
    });
  }

  #countChanged(roomId: string, people: number): void {
    // The lobby asks for the room later, so the directory needs the count first.
    this.#own(
      settle(this.#options.rooms.countChanged(roomId, people), () => this.#lobby.changed(roomId)),
    );
  }

  #publishLeave({ roomId, name }: Person, facts: readonly FactChange[]): Promise<boolean> {
    const { clock, destinations } = this.#options;
    const { published } = announce({ type: 'LEAVE', roomId, sender: name }, clock.now());
    return this.#publish(sendTo(destinations.roomOf(roomId), published), facts);
  }

  /** Publishes a message of the broker's own. False: the store refused it. */
  async #publish(
    { destination, headers, body }: Outgoing,
    facts: readonly FactChange[] = [],
  ): Promise<boolean> {
    const { engine, log } = this.#options;
    const plan = accepted({ entries: [{ destination, message: { headers, body } }], facts });
    const outcome = await execute(plan, { engine, onError: (error) => this.#failed(error) });
    if (outcome.type === 'appended') return true;
    log.warn(
      { destination, code: outcome.code },
      'a message of the broker was refused by the store',
    );
    return false;
  }

  /** Logs the rejection of a command whose answer nobody waits for. */
  #own(commanded: Maybe<void>): void {
    if (commanded instanceof Promise) commanded.catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#options.log.error({ err: error }, 'the state of the chat could not be reached');
  }
}

function checkRoomId(roomId: string): string {
  return parseRoomId(roomId) ?? reject('BAD_ROOM_ID', CHAT_MESSAGE_PROBLEMS.BAD_ROOM_ID);
}
