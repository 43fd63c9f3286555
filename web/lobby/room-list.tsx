import { useEffect, useMemo } from 'preact/hooks';
import type { RoomList as Rooms } from '../../shared/rooms.ts';
import { useServices } from '../services.ts';
import { LobbyVisit } from './lobby-visit.ts';
import { RoomItem } from './room-item.tsx';
import { inOrder } from './room-order.ts';

/** More rooms than anyone scrolls through; others can be opened by their id. */
const SHOWN_MAX = 300;

/** The live list of rooms with the number of people in each. */
export function RoomList() {
  const { connection, destinations, texts } = useServices();
  const visit = useMemo(() => new LobbyVisit(), []);
  useEffect(() => {
    visit.begin(connection, destinations.lobby);
    return () => visit.end();
  }, [visit, connection, destinations]);
  const rooms = visit.rooms.value;
  return (
    <section class="lobby-rooms" aria-labelledby="rooms-title">
      <h2 id="rooms-title">{texts.rooms}</h2>
      {rooms === null ? <p class="hint">{texts.roomListLoading}</p> : <Listed rooms={rooms} />}
    </section>
  );
}

function Listed({ rooms: { rooms, total } }: { readonly rooms: Rooms }) {
  const { texts } = useServices();
  const ordered = useMemo(() => inOrder(rooms).slice(0, SHOWN_MAX), [rooms]);
  const notShown = total - ordered.length;
  return (
    <>
      <ul class="room-list" data-testid="room-list">
        {ordered.map((room) => (
          <RoomItem key={room.roomId} room={room} />
        ))}
      </ul>
      {ordered.length === 0 ? <p class="hint empty">{texts.noRooms}</p> : null}
      {notShown > 0 ? <p class="hint">{texts.moreRooms(notShown)}</p> : null}
    </>
  );
}
