import { SocketClient } from './socket-client.ts';

const TOPIC = '/topic/the/bystander';

/** A client that does nothing wrong, while others do: it talks to itself, and must hear everything. */
export class Bystander {
  readonly #client: SocketClient;
  readonly #said: string[] = [];
  readonly #timer: NodeJS.Timeout;

  private constructor(client: SocketClient) {
    this.#client = client;
    this.#timer = setInterval(() => this.#say(), 20);
  }

  static async start(url: string): Promise<Bystander> {
    const client = await SocketClient.connect(url);
    await client.subscribe(TOPIC, 'own');
    return new Bystander(client);
  }

  /** What it heard so far and what it said so far, which are the same where it was served. */
  async finish(): Promise<{ readonly heard: readonly string[]; readonly said: readonly string[] }> {
    clearInterval(this.#timer);
    this.#say();
    this.#client.frame('SEND', { destination: TOPIC, receipt: 'all' }, 'end');
    await this.#client.expectReceipt('all');
    const messages = this.#client.frames.filter(({ command }) => command === 'MESSAGE');
    return { heard: messages.map(({ body }) => body), said: [...this.#said, 'end'] };
  }

  #say(): void {
    const text = String(this.#said.length);
    this.#said.push(text);
    this.#client.frame('SEND', { destination: TOPIC }, text);
  }
}
