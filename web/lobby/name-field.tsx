import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import type { NameProblem } from '../profile.ts';
import { useServices } from '../services.ts';

/** The name to enter with, kept as soon as it can be used. */
export function NameField() {
  const { profile, texts } = useServices();
  const [text, setText] = useState(profile.name.value);
  const [problem, setProblem] = useState<NameProblem | null>(null);
  const take = (typed: string) => {
    setText(typed);
    const found = profile.rename(typed);
    // Empty is how every new name begins.
    setProblem(found === 'EMPTY' ? null : found);
  };
  const restore = () => {
    // The name used last is still the one to enter with.
    if (text.trim() === '') setText(profile.name.value);
  };
  return (
    <Field
      label={texts.nameLabel}
      hint={texts.nameHint}
      name="nickname"
      text={text}
      problem={problem === null ? null : texts.nameProblems[problem]}
      testId="name-input"
      onText={take}
      onLeave={restore}
    />
  );
}
