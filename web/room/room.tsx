import { useEffect, useMemo, useState } from 'preact/hooks';
import { ConnectionBanner } from '../connection/connection-banner.tsx';
import { isolated } from '../parts/isolated.ts';
import { useTitle } from '../parts/use-title.ts';
import { useServices } from '../services.ts';
import { Composer } from './composer/composer.tsx';
import { People } from './people.tsx';
import { RoomHead } from './room-head.tsx';
import { RoomVisit } from './room-visit.ts';
import { MessageList } from './timeline/message-list.tsx';
import type { RowActions } from './timeline/row-actions.ts';
import { rowsOf } from './timeline/rows.ts';
import { isComplete } from './timeline/timeline.ts';
import { useRoomName } from './use-room-name.ts';

/** From this width on, the list of people is shown beside the messages. */
const WIDE = '(min-width: 52rem)';

interface RoomProps {
  readonly roomId: string;
  readonly sender: string;
}

/** The room itself: mounting the component enters, unmounting it leaves. */
export function Room({ roomId, sender }: RoomProps) {
  const { clock, connection, destinations, outboxes, readHistory, membershipRecord, texts } =
    useServices();
  const outbox = useMemo(() => outboxes.of(roomId, sender), [outboxes, roomId, sender]);
  const visit = useMemo(
    () =>
      new RoomVisit({
        clock,
        connection,
        destinations,
        outbox,
        readHistory,
        roomId,
        sender,
        membershipRecord,
      }),
    [clock, connection, destinations, outbox, readHistory, roomId, sender, membershipRecord],
  );
  useEffect(() => {
    visit.begin();
    return () => visit.leave();
  }, [visit]);
  const admission = visit.admission.value;
  const name = useRoomName(roomId, admission.type === 'in');
  useTitle(texts.pageTitle(name === null ? texts.roomTitle(roomId) : isolated(name)));
  const [showsPeople, setShowsPeople] = useState(() => window.matchMedia(WIDE).matches);
  return (
    <div class="room" data-people={showsPeople ? 'shown' : 'hidden'}>
      <RoomHead
        name={name}
        count={visit.presence.value?.count ?? null}
        roomId={roomId}
        showsPeople={showsPeople}
        onTogglePeople={() => setShowsPeople(!showsPeople)}
      />
      <ConnectionBanner waitingText={texts.awayWaiting} />
      <People presence={visit.presence.value} isShown={showsPeople} sender={sender} />
      <main class="talk">
        {admission.type === 'refused' ? (
          <p class="problem talk-problem" role="alert">
            {texts.refusal(admission.refusal.code, admission.refusal.text)}
          </p>
        ) : null}
        <Talk visit={visit} sender={sender} />
        <Composer roomId={roomId} say={(text) => visit.say(text)} />
      </main>
    </div>
  );
}

/** Messages and outbox, in a component of their own because they change far more often. */
function Talk({ sender, visit }: { readonly sender: string; readonly visit: RoomVisit }) {
  const { calendar } = useServices();
  const { older, outbox, stream } = visit;
  const actions = useMemo<RowActions>(
    () => ({
      discard: (id) => outbox.discard(id),
      retry: (id) => outbox.retry(id),
      retryOlder: () => older.retry(),
    }),
    [older, outbox],
  );
  const [timeline, loading, unsent] = [
    stream.timeline.value,
    older.state.value,
    outbox.entries.value,
  ];
  const rows = useMemo(
    () => rowsOf({ loading, outbox: unsent, sender, timeline }, calendar),
    [calendar, loading, sender, timeline, unsent],
  );
  return (
    <MessageList
      rows={rows}
      actions={actions}
      isLoading={!isComplete(timeline)}
      onFollowChanged={(isFollowing) => stream.setFollowed(isFollowing)}
      onTopReached={() => older.load()}
    />
  );
}
