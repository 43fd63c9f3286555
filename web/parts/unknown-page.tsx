import { LOBBY } from '../route.ts';
import { useServices } from '../services.ts';
import { RouteLink } from './route-link.tsx';
import { useTitle } from './use-title.ts';

export function UnknownPage() {
  const { texts } = useServices();
  useTitle(texts.pageTitle(texts.unknownPage));
  return (
    <main class="page page-narrow">
      <h1>{texts.unknownPage}</h1>
      <p class="hint">{texts.unknownPageHint}</p>
      <p>
        <RouteLink class="button" to={LOBBY}>
          {texts.backToLobby}
        </RouteLink>
      </p>
    </main>
  );
}
