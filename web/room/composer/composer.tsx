import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useServices } from '../../services.ts';
import { growWith } from './grow-with.ts';
import { charactersLeft, isTooLong, sendableText } from './message-text.ts';
import { useComposition } from './use-composition.ts';

interface ComposerProps {
  readonly roomId: string;
  /** Returns false if the message was not queued; the text then stays in the field. */
  readonly say: (text: string) => boolean;
}

/**
 * The message field with its send button. The text area is uncontrolled: setting its value during a
 * composition would discard the composition.
 */
export function Composer({ roomId, say }: ComposerProps) {
  const { drafts, texts } = useServices();
  const area = useRef<HTMLTextAreaElement>(null);
  const [left, setLeft] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const typed = useCallback(() => {
    if (area.current === null) return;
    const text = area.current.value;
    growWith(area.current);
    drafts.keep(roomId, text);
    setLeft(charactersLeft(text));
    setProblem(null);
  }, [drafts, roomId]);

  const send = useCallback(() => {
    const text = sendableText(area.current?.value ?? '');
    if (text === '' || area.current === null) return;
    if (isTooLong(text)) return setProblem(texts.tooLong);
    if (!say(text)) return setProblem(texts.outboxFull);
    area.current.value = '';
    typed();
  }, [say, texts, typed]);

  useEffect(() => {
    if (area.current === null) return;
    area.current.value = drafts.of(roomId);
    typed();
    area.current.focus();
  }, [drafts, roomId, typed]);

  const listeners = useComposition(area, send);
  return (
    <div class="composer">
      <p id="composer-about" class={problem === null ? 'counter' : 'problem'} role="status">
        {problem ?? (left === null ? '' : texts.counter(left))}
      </p>
      <div class="composer-line">
        <textarea
          ref={area}
          class="input composer-text"
          rows={1}
          aria-label={texts.composerLabel}
          aria-describedby="composer-about"
          aria-invalid={left !== null && left < 0}
          placeholder={texts.composerPlaceholder}
          enterkeyhint="send"
          data-testid="composer"
          onInput={() => {
            listeners.onInput();
            typed();
          }}
          onBeforeInput={listeners.onBeforeInput}
          onCompositionStart={listeners.onCompositionStart}
          onCompositionEnd={listeners.onCompositionEnd}
          onKeyDown={listeners.onKeyDown}
          onKeyUp={listeners.onKeyUp}
        />
        <button
          type="button"
          class="button composer-send"
          data-testid="send-button"
          onClick={() => {
            listeners.onButton();
            area.current?.focus();
          }}
        >
          {texts.send}
        </button>
      </div>
    </div>
  );
}
