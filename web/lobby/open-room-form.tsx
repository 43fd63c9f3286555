import { useRef, useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { typedIn } from '../parts/typed-in.ts';
import { parseTypedRoomId } from '../route.ts';
import { useServices } from '../services.ts';

/** Opens a room by its id. A room that does not exist is created when it is entered. */
export function OpenRoomForm() {
  const { navigation, texts } = useServices();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isRefused, setRefused] = useState(false);
  const open = (event: Event) => {
    event.preventDefault();
    const roomId = parseTypedRoomId(typedIn(input));
    if (roomId !== null) return navigation.go({ page: 'room', roomId });
    setRefused(true);
    input.current?.focus();
  };
  return (
    <form onSubmit={open} noValidate>
      <Field
        inputRef={input}
        label={texts.openRoomLabel}
        name="room-id"
        text={text}
        problem={isRefused ? texts.openRoomProblem : null}
        testId="open-room-input"
        onText={(typed) => {
          setText(typed);
          setRefused(false);
        }}
      >
        <button type="submit" class="button" data-testid="open-room-button">
          {texts.openRoom}
        </button>
      </Field>
    </form>
  );
}
