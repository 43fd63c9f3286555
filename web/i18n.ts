import { en, type Texts } from './texts/en.ts';
import { ko } from './texts/ko.ts';

export type { Texts };

export const TEXTS = { en, ko } satisfies Record<string, Texts>;
export type Language = keyof typeof TEXTS;

/** Picks the reader's most preferred language that the page offers; English if there is none. */
export function pickLanguage(languages: readonly string[]): Language {
  for (const tag of languages) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'ko' || language === 'en') return language;
  }
  return 'en';
}
