import type { RefObject } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { afterComposition, type CompositionEvent, type CompositionPhase } from './composition.ts';

/** `keyCode` of a key press that an input method is processing. */
const IME_KEY_CODE = 229;

/**
 * Listeners for the composer's text area and send button; `send` runs once per intended message.
 */
export function useComposition(area: RefObject<HTMLTextAreaElement | null>, send: () => void) {
  const latest = useRef(send);
  latest.current = send;
  // One instance across renderings, so that an arriving message does not reset a composition.
  return useMemo(() => new Composition(area, () => latest.current()).listeners, [area]);
}

class Composition {
  readonly #area: RefObject<HTMLTextAreaElement | null>;
  readonly #send: () => void;
  #phase: CompositionPhase = 'plain';

  constructor(area: RefObject<HTMLTextAreaElement | null>, send: () => void) {
    this.#area = area;
    this.#send = send;
  }

  readonly listeners = {
    onBeforeInput: (event: InputEvent) => {
      const isBreak =
        event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph';
      if (isBreak) this.#take({ type: 'line-break' }, event);
    },
    onButton: () => this.#take({ type: 'button' }),
    onCompositionEnd: (event: globalThis.CompositionEvent) =>
      this.#take({ type: 'composition-end', text: event.data }),
    onCompositionStart: () => this.#take({ type: 'composition-start' }),
    onInput: () => this.#take({ type: 'input' }),
    onKeyDown: (event: KeyboardEvent) => this.#take(eventOfKey(event), event),
    onKeyUp: (event: KeyboardEvent) => {
      if (isEnter(event)) this.#take({ type: 'enter-released' });
    },
  };

  #take(event: CompositionEvent, cause?: Event): void {
    const { phase, action } = afterComposition(this.#phase, event);
    this.#phase = phase;
    switch (action) {
      case 'none':
        return;
      case 'swallow':
        cause?.preventDefault();
        return;
      case 'send':
        cause?.preventDefault();
        this.#send();
        return;
      case 'send-soon':
        // Clearing the text area during the `compositionend` event restores the last syllable.
        setTimeout(() => {
          this.#take({ type: 'sent' });
          this.#send();
        }, 0);
        return;
      case 'end-composition':
        this.#area.current?.blur();
        this.#area.current?.focus();
    }
  }
}

function eventOfKey(event: KeyboardEvent): CompositionEvent {
  if (!isEnter(event)) return { type: 'other-key' };
  if (event.repeat) return { type: 'enter-repeated' };
  const isFromIme = event.isComposing || event.keyCode === IME_KEY_CODE;
  return { type: 'enter', isFromIme, withShift: event.shiftKey };
}

/** With an input method active, `key` may be `Process`; `code` still names the key. */
function isEnter({ code, key }: KeyboardEvent): boolean {
  return key === 'Enter' || code === 'Enter' || code === 'NumpadEnter';
}
