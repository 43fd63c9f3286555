import { type ReadonlySignal, signal } from '@preact/signals';
import { afterLobby, type RoomList } from '../../shared/rooms.ts';
import type { Connection } from '../connection/connection.ts';
import type { Link } from '../connection/link.ts';
import { parseLobbyMessage } from './lobby-message.ts';

/** Follows the list of rooms while the lobby is shown, over any number of links. */
export class LobbyVisit {
  readonly #rooms = signal<RoomList | null>(null);
  #disconnect: () => void = () => {};
  #unsubscribe: () => void = () => {};

  /** `null` until the broker has sent the list. */
  get rooms(): ReadonlySignal<RoomList | null> {
    return this.#rooms;
  }

  begin(connection: Connection, lobby: string): void {
    this.#disconnect = connection.join({ onConnected: (link) => this.#subscribe(link, lobby) });
  }

  end(): void {
    this.#disconnect();
    this.#unsubscribe();
  }

  #subscribe(link: Link, lobby: string): void {
    this.#unsubscribe = link.subscribe(lobby, {
      onMessage: ({ body }) => {
        const message = parseLobbyMessage(body);
        if (message !== null) this.#rooms.value = afterLobby(this.#rooms.value, message);
      },
    });
  }
}
