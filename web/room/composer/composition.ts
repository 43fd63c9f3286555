// One press of Enter must commit the Korean syllable being composed and send the whole message,
// once. Browsers report that press in different orders, and relying on `isComposing` alone sends
// the message twice or not at all:
//
//   Chrome, Windows    keydown 229 · composition-end                    (no second keydown)
//   Chrome, macOS      keydown 229 · composition-end · keydown 13
//   some on macOS      keydown 13 (not composing) · composition-end
//   Safari             composition-end · keydown 229 (not composing)
//   ibus, Android      composition-end · keydown 13
//
// This state machine tracks the composition: once a press has sent, it is spent until the key is
// released. It only decides; `use-composition.ts` listens to the events and acts.

export type CompositionPhase =
  | 'plain'
  | 'composing'
  /** Enter, or the send button, was pressed during a composition: the message is sent at its end. */
  | 'ending-by-enter'
  | 'ending-by-button'
  /** The composition has ended; the message is sent when the browser has finished its edit. */
  | 'due'
  /** The press has taken effect; further events of the same press are swallowed. */
  | 'spent'
  /** A composition that Enter only commits has ended; Safari reports that Enter afterwards. */
  | 'converted';

export type CompositionEvent =
  | { readonly type: 'composition-start' }
  | { readonly type: 'composition-end'; readonly text: string }
  | { readonly type: 'enter'; readonly isFromIme: boolean; readonly withShift: boolean }
  /** Auto-repeat of a key that is held down. */
  | { readonly type: 'enter-repeated' }
  | { readonly type: 'enter-released' }
  | { readonly type: 'other-key' }
  | { readonly type: 'button' }
  /** The browser is about to insert a line break. */
  | { readonly type: 'line-break' }
  | { readonly type: 'input' }
  /** The message that was due has been sent. */
  | { readonly type: 'sent' };

export type CompositionAction =
  | 'none'
  | 'send'
  | 'send-soon'
  /** Prevent the event's default action; `send` prevents it too. */
  | 'swallow'
  /** Make the input method commit its composition. */
  | 'end-composition';

export interface CompositionStep {
  readonly phase: CompositionPhase;
  readonly action: CompositionAction;
}

const step = (phase: CompositionPhase, action: CompositionAction = 'none'): CompositionStep => ({
  phase,
  action,
});

/** The next phase, and the action to take for the event. Pure. */
export function afterComposition(
  phase: CompositionPhase,
  event: CompositionEvent,
): CompositionStep {
  switch (event.type) {
    case 'composition-start':
      return step('composing');
    case 'composition-end':
      return afterEnd(phase, event.text);
    case 'enter':
      return event.withShift ? afterShiftEnter(phase) : afterEnter(phase, event.isFromIme);
    case 'enter-repeated':
      return step(phase, isInComposition(phase) ? 'none' : 'swallow');
    case 'enter-released':
      return step(phase === 'spent' || phase === 'converted' ? 'plain' : phase);
    case 'other-key':
      // The Enter before only chose a candidate: the composition goes on.
      if (phase === 'ending-by-enter') return step('composing');
      return step(isInComposition(phase) || phase === 'due' ? phase : 'plain');
    case 'button':
      if (isInComposition(phase)) return step('ending-by-button', 'end-composition');
      return phase === 'due' ? step('due') : step('plain', 'send');
    case 'line-break':
      return step(phase, phase === 'plain' || phase === 'composing' ? 'none' : 'swallow');
    case 'input':
      return step(phase === 'spent' ? 'plain' : phase);
    case 'sent':
      return step(phase === 'due' ? 'spent' : phase);
  }
}

function afterEnd(phase: CompositionPhase, text: string): CompositionStep {
  if (phase === 'ending-by-button') return step('due', 'send-soon');
  if (phase !== 'ending-by-enter') return step(isConversion(text) ? 'converted' : 'plain');
  return isConversion(text) ? step('spent') : step('due', 'send-soon');
}

function afterEnter(phase: CompositionPhase, isFromIme: boolean): CompositionStep {
  switch (phase) {
    case 'composing':
    case 'ending-by-enter':
      return step('ending-by-enter', isFromIme ? 'none' : 'swallow');
    case 'ending-by-button':
      return step(phase);
    case 'due':
    case 'spent':
      return step(phase, 'swallow');
    case 'converted':
      return isFromIme ? step('spent', 'swallow') : step('plain', 'send');
    case 'plain':
      return step(isFromIme ? 'spent' : 'plain', 'send');
  }
}

function afterShiftEnter(phase: CompositionPhase): CompositionStep {
  return step(isInComposition(phase) || phase === 'due' ? phase : 'plain');
}

function isInComposition(phase: CompositionPhase): boolean {
  return phase === 'composing' || phase === 'ending-by-enter' || phase === 'ending-by-button';
}

/**
 * True for text converted by a Japanese or Chinese input method. There, Enter chooses the
 * characters, so it commits them without sending.
 */
function isConversion(text: string): boolean {
  const isHanOrKana = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);
  return isHanOrKana && !/\p{Script=Hangul}/u.test(text);
}
