import type { ComponentChildren, Ref } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  /** Shown beside the input, such as a submit button. */
  readonly children?: ComponentChildren;
  readonly hint?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly label: string;
  readonly name: string;
  readonly onLeave?: () => void;
  readonly onText: (text: string) => void;
  /** Error message, read out with the input; `null` if the text is valid. */
  readonly problem: string | null;
  readonly testId: string;
  readonly text: string;
}

/** A labelled text input with a hint or an error message below it. */
export function Field(props: FieldProps) {
  const {
    children,
    hint,
    inputRef = null,
    label,
    name,
    onLeave,
    onText,
    problem,
    testId,
    text,
  } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-line">
        <input
          ref={inputRef}
          id={id}
          class="input"
          type="text"
          name={name}
          value={text}
          autocomplete={name === 'nickname' ? 'nickname' : 'off'}
          spellcheck={false}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-about`}
          data-testid={testId}
          onInput={(event) => onText(event.currentTarget.value)}
          onBlur={() => onLeave?.()}
        />
        {children}
      </div>
      <p id={`${id}-about`} class={problem === null ? 'hint' : 'problem'} role="status">
        {problem ?? hint}
      </p>
    </div>
  );
}
