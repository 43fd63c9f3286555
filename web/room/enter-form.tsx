import { useEffect, useRef, useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { RouteLink } from '../parts/route-link.tsx';
import { typedIn } from '../parts/typed-in.ts';
import { useTitle } from '../parts/use-title.ts';
import type { NameProblem } from '../profile.ts';
import { LOBBY } from '../route.ts';
import { useServices } from '../services.ts';

/** Asks a visitor who opened a room's address directly for a name, then enters the room. */
export function EnterForm({ roomId }: { readonly roomId: string }) {
  const { profile, texts } = useServices();
  const title = texts.roomTitle(roomId);
  useTitle(texts.pageTitle(title));
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<NameProblem | null>(null);
  useEffect(() => input.current?.focus(), []);
  const enter = (event: Event) => {
    event.preventDefault();
    setProblem(profile.rename(typedIn(input)));
    input.current?.focus();
  };
  return (
    <main class="page page-narrow">
      <h1 class="enter-title">{texts.enterTitle(title)}</h1>
      <form class="card" onSubmit={enter} noValidate>
        <Field
          inputRef={input}
          label={texts.nameLabel}
          hint={texts.nameHint}
          name="nickname"
          text={text}
          problem={problem === null ? null : texts.nameProblems[problem]}
          testId="name-input"
          onText={(typed) => {
            setText(typed);
            setProblem(null);
          }}
        >
          <button type="submit" class="button" data-testid="enter-button">
            {texts.enterAs}
          </button>
        </Field>
      </form>
      <p>
        <RouteLink to={LOBBY}>{texts.backToLobby}</RouteLink>
      </p>
    </main>
  );
}
