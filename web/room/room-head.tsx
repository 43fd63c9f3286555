import { PeopleMark } from '../parts/people-mark.tsx';
import { LOBBY } from '../route.ts';
import { useServices } from '../services.ts';
import { PEOPLE_ID } from './people.tsx';

interface RoomHeadProps {
  /** The number of people in the room; `null` until the broker has sent it. */
  readonly count: number | null;
  /** `null` if the room has no name of its own. */
  readonly name: string | null;
  readonly onTogglePeople: () => void;
  readonly roomId: string;
  readonly showsPeople: boolean;
}

export function RoomHead({ count, name, onTogglePeople, roomId, showsPeople }: RoomHeadProps) {
  const { navigation, texts } = useServices();
  return (
    <header class="room-head">
      <button
        type="button"
        class="button-quiet leave"
        data-testid="leave-room"
        onClick={() => navigation.go(LOBBY)}
      >
        <svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M10 3 5 8l5 5" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
        {texts.leaveRoom}
      </button>
      <h1 class="room-title" data-testid="room-title">
        <bdi>{name ?? texts.roomTitle(roomId)}</bdi>
        {name === null ? null : <span class="room-number">#{roomId}</span>}
      </h1>
      <button
        type="button"
        class="button-quiet"
        aria-expanded={showsPeople}
        aria-controls={PEOPLE_ID}
        onClick={onTogglePeople}
      >
        <PeopleMark />
        <span aria-hidden="true" data-testid="people-count">
          {count ?? '–'}
        </span>
        <span class="visually-hidden">
          {count === null ? texts.peopleLabel : texts.people(count)}
        </span>
      </button>
    </header>
  );
}
