import { useRef, useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { typedIn } from '../parts/typed-in.ts';
import { nameProblemOf } from '../profile.ts';
import { useServices } from '../services.ts';
import { createRoom } from './create-room.ts';

/** Creates a named room and opens it. */
export function CreateRoomForm() {
  const { navigation, texts } = useServices();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const complain = (sentence: string) => {
    setProblem(sentence);
    input.current?.focus();
  };
  const create = async () => {
    const name = typedIn(input);
    const wrong = nameProblemOf(name);
    if (wrong !== null) return complain(texts.nameProblems[wrong]);
    setBusy(true);
    const created = await createRoom(name.trim(), (...request) => fetch(...request));
    setBusy(false);
    if (created.type === 'created') return navigation.go({ page: 'room', roomId: created.roomId });
    if (created.type === 'unreachable') return complain(texts.unreachable);
    complain(texts.refusal(created.refusal.code, created.refusal.text));
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void create(); // `createRoom` returns failures, it does not throw
      }}
    >
      <Field
        inputRef={input}
        label={texts.createRoomLabel}
        hint={texts.createRoomHint}
        name="room-name"
        text={text}
        problem={problem}
        testId="create-room-input"
        onText={(typed) => {
          setText(typed);
          setProblem(null);
        }}
      >
        <button
          type="submit"
          class="button"
          aria-disabled={isBusy}
          data-testid="create-room-button"
        >
          {texts.createRoom}
        </button>
      </Field>
    </form>
  );
}
