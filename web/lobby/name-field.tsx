import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import type { NameProblem } from '../profile.ts';
import { useServices } from '../services.ts';

/** The visitor's name, saved on every keystroke that leaves it valid. */
export function NameField() {
  const { profile, texts } = useServices();
  const [text, setText] = useState(profile.name.value);
  const [problem, setProblem] = useState<NameProblem | null>(null);
  const take = (typed: string) => {
    setText(typed);
    const found = profile.rename(typed);
    // An empty field is no mistake: every new name starts with one.
    setProblem(found === 'EMPTY' ? null : found);
  };
  const restore = () => {
    // The last valid name is still in use, so the field shows it again.
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
