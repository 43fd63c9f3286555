// A subscriber need not be a STOMP session: it brings a format of its own.

import { describe, expect, test } from '@jest/globals';
import type { Publication } from '../../../broker/engine/engine.ts';
import type { Packet } from '../../../broker/packet.ts';
import type { MessageFormat } from '../../../broker/routing/message-format.ts';
import type { Outlet } from '../../../broker/routing/outlet.ts';
import { Subscription } from '../../../broker/routing/subscription-index.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const TOPIC = '/topic/x';

/** One line for each message, as a log or an event stream would have it. */
class PlainText implements MessageFormat {
  readonly key: string | object;
  encoded = 0;

  constructor(key?: string) {
    this.key = key ?? this;
  }

  encode(publications: readonly Publication[]): readonly Packet[] {
    this.encoded += 1;
    return [publications.map(({ message }) => `${message.body.toString()}\n`).join('')];
  }
}

class TextOutlet implements Outlet {
  readonly written: Packet[] = [];
  readonly bufferedBytes = 0;

  get lines(): string[] {
    return this.written.join('').split('\n').slice(0, -1);
  }

  write(packet: Packet): void {
    this.written.push(packet);
  }

  shed(): void {
    throw new Error('it takes everything at once');
  }
}

function add(broker: ReturnType<typeof memoryBroker>, format: MessageFormat, topic = TOPIC) {
  const outlet = new TextOutlet();
  const subscription = new Subscription(topic, format, outlet);
  broker.index.add(subscription);
  return { outlet, subscription };
}

describe('a subscriber with a plain-text format', () => {
  test('hears what STOMP sessions hear, in the same order', async () => {
    const broker = memoryBroker();
    const [ada, bob, cyd] = [broker.connect(), broker.connect(), broker.connect()];
    ada.frame('SUBSCRIBE', { id: '1', destination: TOPIC });
    bob.frame('SUBSCRIBE', { id: '2', destination: TOPIC, ack: 'client-individual' });
    const texts = [add(broker, new PlainText()), add(broker, new PlainText(), '/topic/*')];

    for (let said = 0; said < 50; said += 1) {
      const speaker = said % 3 === 0 ? ada : cyd;
      speaker.frame('SEND', { destination: TOPIC }, `${said}`);
      if (said % 7 === 0) await turns(1);
    }
    await turns();

    const heard = ada.take().map(({ body }) => body);
    expect(heard.map(Number).toSorted((one, other) => one - other)).toEqual([...Array(50).keys()]);
    expect(bob.take().map(({ body }) => body)).toEqual(heard);
    for (const { outlet } of texts) expect(outlet.lines).toEqual(heard);
  });

  test('shares its bytes with those whose format has the same key, and with no others', async () => {
    const broker = memoryBroker();
    const formats = [new PlainText('text'), new PlainText('text'), new PlainText()];
    const [first, second, other] = formats.map((format) => add(broker, format));

    broker.connect().frame('SEND', { destination: TOPIC }, 'hi');
    await turns();

    expect(formats.map(({ encoded }) => encoded)).toEqual([1, 0, 1]);
    expect(second?.outlet.written).toEqual(first?.outlet.written);
    expect(other?.outlet.lines).toEqual(['hi']);
  });

  test('hears nothing more when it is removed, and the others go on', async () => {
    const broker = memoryBroker();
    const [gone, staying] = [
      add(broker, new PlainText('text')),
      add(broker, new PlainText('text')),
    ];

    broker.index.remove(gone.subscription);
    broker.connect().frame('SEND', { destination: TOPIC }, 'hi');
    await turns();

    expect(gone.outlet.written).toEqual([]);
    expect(staying.outlet.lines).toEqual(['hi']);
  });
});
