import { describe, expect, test } from '@jest/globals';
import { Connections } from '../../../broker/transport/connections.ts';

describe('connections', () => {
  test('has room until the limit over all is reached', () => {
    const connections = new Connections({ connectionsMax: 2, connectionsPerAddressMax: 9 });

    connections.open('a');
    expect(connections.hasRoomFor('c')).toBe(true);
    connections.open('b');

    expect(connections.hasRoomFor('c')).toBe(false);
    expect(connections.total).toBe(2);
  });

  test('has room until the limit of one address is reached, for that address', () => {
    const connections = new Connections({ connectionsMax: 9, connectionsPerAddressMax: 1 });

    connections.open('a');

    expect(connections.hasRoomFor('a')).toBe(false);
    expect(connections.hasRoomFor('b')).toBe(true);
  });

  test('takes a connection off once, however often it is told', () => {
    const connections = new Connections({ connectionsMax: 9, connectionsPerAddressMax: 2 });
    connections.open('a');
    const close = connections.open('a');

    close();
    close();

    expect(connections.total).toBe(1);
    expect(connections.hasRoomFor('a')).toBe(true);
    connections.open('a');
    expect(connections.hasRoomFor('a')).toBe(false);
  });

  test('has room for nobody once it is closed', () => {
    const connections = new Connections({ connectionsMax: 9, connectionsPerAddressMax: 9 });

    connections.close();

    expect(connections.hasRoomFor('a')).toBe(false);
  });
});
