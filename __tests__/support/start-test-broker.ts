import { afterEach } from '@jest/globals';
import { Client, type StompConfig } from '@stomp/stompjs';
import type { BrokerOptions } from '../../broker/broker.ts';
import type { Config } from '../../broker/config.ts';
import { createTestBroker, type TestBroker } from '../../broker/testing/test-broker.ts';

const clients: Client[] = [];
const started: TestBroker[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
  await Promise.all(started.splice(0).map((broker) => broker.stop()));
});

/** A test broker that stops when the test ends. */
export function startTestBroker(
  settings: Partial<Config> = {},
  options: BrokerOptions = {},
): TestBroker {
  const broker = createTestBroker(settings, options);
  started.push(broker);
  return broker;
}

/** A stompjs client of it that is connected, and comes back only if it is told to. */
export async function connectedClient(
  broker: TestBroker,
  config: StompConfig = {},
): Promise<{ readonly client: Client; readonly session: string }> {
  const client = new Client({
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
    reconnectDelay: 0,
    webSocketFactory: broker.webSocketFactory,
  });
  client.configure(config);
  clients.push(client);
  const session = await new Promise<string>((resolve) => {
    client.onConnect = ({ headers }) => resolve(headers.session ?? '');
    client.activate();
  });
  return { client, session };
}
