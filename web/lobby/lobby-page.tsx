import { useEffect, useRef } from 'preact/hooks';
import { ConnectionBanner } from '../connection/connection-banner.tsx';
import { useTitle } from '../parts/use-title.ts';
import { useServices } from '../services.ts';
import { CreateRoomForm } from './create-room-form.tsx';
import { NameField } from './name-field.tsx';
import { OpenRoomForm } from './open-room-form.tsx';
import { RoomList } from './room-list.tsx';

export function LobbyPage() {
  const { navigation, texts } = useServices();
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(texts.appName);
  useEffect(() => {
    // After a room was left, the element that had focus no longer exists.
    if (navigation.hasMoved) heading.current?.focus();
  }, [navigation]);
  return (
    <>
      <ConnectionBanner waitingText={texts.awayInLobby} />
      <div class="page lobby">
        <header class="lobby-head">
          <h1 ref={heading} tabIndex={-1}>
            <img class="lobby-mark" src="/favicon.svg" alt="" width="40" height="40" />
            {texts.appName}
          </h1>
          <p class="lobby-intro">{texts.lobbyIntro}</p>
        </header>
        <main class="lobby-main">
          <div class="card lobby-forms">
            <NameField />
            <OpenRoomForm />
            <CreateRoomForm />
          </div>
          <RoomList />
        </main>
      </div>
    </>
  );
}
