import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ConnectionBanner } from '../connection/connection-banner.tsx';
import { useTitle } from '../parts/use-title.ts';
import { useServices } from '../services.ts';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { People } from './people.tsx';
import { RoomHead } from './room-head.tsx';
import { RoomVisit } from './room-visit.ts';
import { rowsOf } from './rows.ts';
import { useRoomName } from './use-room-name.ts';

/** From here on a second column has room for the people. */
const WIDE = '(min-width: 52rem)';

interface RoomProps {
  readonly roomId: string;
  readonly sender: string;
}

/** Being in a room: mounting it enters, unmounting it leaves. */
export function Room({ roomId, sender }: RoomProps) {
  const { calendar, connection, destinations, outboxes, texts } = useServices();
  const outbox = useMemo(() => outboxes.of(roomId), [outboxes, roomId]);
  const visit = useMemo(
    () => new RoomVisit({ connection, destinations, outbox, roomId, sender }),
    [connection, destinations, outbox, roomId, sender],
  );
  useEffect(() => {
    visit.begin();
    return () => visit.leave();
  }, [visit]);
  const retry = useCallback((id: string) => outbox.retry(id), [outbox]);
  const admission = visit.admission.value;
  const name = useRoomName(roomId, admission.type === 'in');
  useTitle(texts.pageTitle(name ?? texts.roomTitle(roomId)));
  const [showsPeople, setShowsPeople] = useState(() => window.matchMedia(WIDE).matches);
  const rows = rowsOf(visit.timeline.value, outbox.entries.value, sender, calendar);
  return (
    <div class="room" data-people={showsPeople ? 'shown' : 'hidden'}>
      <RoomHead
        name={name}
        count={visit.presence.value?.count ?? null}
        roomId={roomId}
        showsPeople={showsPeople}
        onTogglePeople={() => setShowsPeople(!showsPeople)}
      />
      <ConnectionBanner />
      <People presence={visit.presence.value} isShown={showsPeople} sender={sender} />
      <main class="talk">
        {admission.type === 'refused' ? (
          <p class="problem talk-problem" role="alert">
            {texts.refusal(admission.refusal.code, admission.refusal.text)}
          </p>
        ) : null}
        <MessageList rows={rows} onRetry={retry} />
        <Composer roomId={roomId} say={(text) => visit.say(text)} />
      </main>
    </div>
  );
}
