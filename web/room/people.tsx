import { personKey } from '../../shared/names.ts';
import type { PresenceState } from '../../shared/presence.ts';
import { useServices } from '../services.ts';

export const PEOPLE_ID = 'people';

interface PeopleProps {
  readonly isShown: boolean;
  readonly presence: PresenceState | null;
  readonly sender: string;
}

/** The people in the room. In a large room the broker names only some; the rest are counted. */
export function People({ isShown, presence, sender }: PeopleProps) {
  const { texts } = useServices();
  const people = presence?.people ?? [];
  const unnamed = (presence?.count ?? 0) - people.length;
  return (
    <aside id={PEOPLE_ID} class="people" aria-labelledby="people-title" hidden={!isShown}>
      <h2 id="people-title">{texts.peopleLabel}</h2>
      <ul class="people-list" data-testid="people">
        {people.map((name) => (
          <li key={name} class="person">
            <span class="person-dot" aria-hidden="true" />
            <bdi class="person-name">{name}</bdi>
            {personKey(name) === personKey(sender) ? <span class="you">{texts.you}</span> : null}
          </li>
        ))}
      </ul>
      {unnamed > 0 ? <p class="hint">{texts.peopleMore(unnamed)}</p> : null}
    </aside>
  );
}
