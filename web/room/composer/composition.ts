// One Enter commits a Korean syllable and sends the message once and whole. Browsers tell of that
// one key press in different orders, and `isComposing` alone makes of it two messages or none:
//
//   Chrome, Windows    keydown 229 · composition-end                    (no second keydown)
//   Chrome, macOS      keydown 229 · composition-end · keydown 13
//   some on macOS      keydown 13 (not composing) · composition-end
//   Safari             composition-end · keydown 229 (not composing)
//   ibus, Android      composition-end · keydown 13
//
// So the composition is tracked here, and a press that has sent is spent until the key is released.
// This file decides only; `use-composition.ts` listens and acts.

export type CompositionPhase =
  | 'plain'
  | 'composing'
  /** Enter, or the send button, was pressed in a composition: its end sends. */
  | 'ending-by-enter'
  | 'ending-by-button'
  /** It has ended and the text goes out in a moment, when the browser is done with the text. */
  | 'due'
  /** The press has had its effect; what else comes of it is swallowed. */
  | 'spent'
  /** A composition that Enter only commits has ended: Safari tells of that Enter afterwards. */
  | 'converted';

export type CompositionEvent =
  | { readonly type: 'composition-start' }
  | { readonly type: 'composition-end'; readonly text: string }
  | { readonly type: 'enter'; readonly isFromIme: boolean; readonly withShift: boolean }
  /** The same press, still held. */
  | { readonly type: 'enter-repeated' }
  | { readonly type: 'enter-released' }
  | { readonly type: 'other-key' }
  | { readonly type: 'button' }
  /** The browser is about to break the line. */
  | { readonly type: 'line-break' }
  | { readonly type: 'input' }
  /** The text that was due is on its way. */
  | { readonly type: 'sent' };

export type CompositionAction =
  | 'none'
  | 'send'
  | 'send-soon'
  /** Keep the browser from doing what the event asks for; `send` does as well. */
  | 'swallow'
  /** Make the input method commit what it holds. */
  | 'end-composition';

export interface CompositionStep {
  readonly phase: CompositionPhase;
  readonly action: CompositionAction;
}

const step = (phase: CompositionPhase, action: CompositionAction = 'none'): CompositionStep => ({
  phase,
  action,
});

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
      if (phase === 'ending-by-enter') return step('composing'); // that Enter chose a candidate
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

/** Japanese and Chinese writers choose characters with Enter: there it commits and sends nothing. */
function isConversion(text: string): boolean {
  const isHanOrKana = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);
  return isHanOrKana && !/\p{Script=Hangul}/u.test(text);
}
