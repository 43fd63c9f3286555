import type { RoomSummary } from '../../shared/rooms.ts';
import { PeopleMark } from '../parts/people-mark.tsx';
import { RouteLink } from '../parts/route-link.tsx';
import { useServices } from '../services.ts';

export function RoomItem({ room: { name, people, roomId } }: { readonly room: RoomSummary }) {
  const { texts } = useServices();
  return (
    <li data-testid="room-item" data-room-id={roomId}>
      <RouteLink class="room-item" to={{ page: 'room', roomId }}>
        <span class="room-item-name">
          <bdi>{name ?? texts.roomTitle(roomId)}</bdi>
        </span>
        {name === null ? null : <span class="room-item-id">#{roomId}</span>}
        <span class="room-item-people" data-quiet={people === 0}>
          <PeopleMark />
          <span aria-hidden="true" data-testid="room-people-count">
            {people}
          </span>
          <span class="visually-hidden">{texts.people(people)}</span>
        </span>
      </RouteLink>
    </li>
  );
}
