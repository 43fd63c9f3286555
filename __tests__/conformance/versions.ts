import { STOMP_VERSIONS, type StompVersion } from '../../broker/stomp/version.ts';

/** A version, and the section of its specification that says so. */
export type Cited = [version: StompVersion, section: string];

/** The versions that have a rule, each with the section; `null`: it has not. */
export function inSections(
  section12: string | null,
  section11: string | null,
  section10: string | null = null,
): Cited[] {
  const sections = { '1.2': section12, '1.1': section11, '1.0': section10 };
  return STOMP_VERSIONS.flatMap((version): Cited[] => {
    const section = sections[version];
    return section === null ? [] : [[version, section]];
  });
}
