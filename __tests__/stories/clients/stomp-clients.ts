import { afterEach } from '@jest/globals';
import { Client, type IFrame, type IMessage } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import { WebSocket } from 'ws';

// As the documentation of stompjs has it for Node: there is no WebSocket of its own in Node 20.
Object.assign(globalThis, { WebSocket });

const connected: Client[] = [];

afterEach(async () => {
  await Promise.all(connected.splice(0).map((client) => client.deactivate()));
});

export type Way = (url: string) => Client;

const sockJs = (transport: string) => (url: string) =>
  new Client({
    webSocketFactory: () => new SockJS(`${url}/websc`, null, { transports: [transport] }),
  });

/** How `@stomp/stompjs` is told to reach the broker. */
export const WAYS: readonly (readonly [name: string, way: Way])[] = [
  ['brokerURL', (url) => new Client({ brokerURL: `${url.replace('http', 'ws')}/websc/websocket` })],
  ['SockJS websocket', sockJs('websocket')],
  ['SockJS xhr-streaming', sockJs('xhr-streaming')],
  ['SockJS xhr-polling', sockJs('xhr-polling')],
  ['SockJS eventsource', sockJs('eventsource')],
];

/** Activates; the client is deactivated when the test ends, and does not come back by itself. */
export function open(client: Client): void {
  connected.push(client);
  client.reconnectDelay = 0;
  client.activate();
}

/** Connects; rejects if the broker says ERROR. */
export function activate(client: Client): Promise<IFrame> {
  return new Promise((resolve, reject) => {
    client.onConnect = resolve;
    client.onStompError = ({ headers }) => reject(new Error(headers.message));
    open(client);
  });
}

/** What a subscription brings, to be waited for. */
export class Inbox {
  readonly #messages: IMessage[] = [];
  #waiting: (() => void)[] = [];

  /** Subscribes, and waits until the broker has taken it. */
  static async open(client: Client, destination: string): Promise<Inbox> {
    const inbox = new Inbox();
    const receipt = `subscribed to ${destination}`;
    const taken = new Promise((resolve) => client.watchForReceipt(receipt, resolve));
    client.subscribe(destination, (message) => inbox.take(message), { receipt });
    await taken;
    return inbox;
  }

  take(message: IMessage): void {
    this.#messages.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async next(): Promise<IMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async nextJson(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next()).body);
  }
}

/** Says something in a room. */
export function chat(client: Client, message: object): void {
  client.publish({ destination: '/app/chat/message', body: JSON.stringify(message) });
}
