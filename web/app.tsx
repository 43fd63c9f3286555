import { LobbyPage } from './lobby/lobby-page.tsx';
import { UnknownPage } from './parts/unknown-page.tsx';
import { RoomPage } from './room/room-page.tsx';
import type { Route } from './route.ts';
import { type Services, ServicesContext } from './services.ts';

export function App({ services }: { readonly services: Services }) {
  const route = services.navigation.route.value;
  return (
    <ServicesContext.Provider value={services}>
      <Page route={route} />
    </ServicesContext.Provider>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'lobby':
      return <LobbyPage />;
    case 'room':
      // With the key, changing rooms ends the visit and begins another.
      return <RoomPage key={route.roomId} roomId={route.roomId} />;
    case 'unknown':
      return <UnknownPage />;
  }
}
