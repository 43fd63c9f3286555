import * as v from 'valibot';
import { DEFAULT_ENDPOINT, DEFAULT_PREFIXES, type Prefixes } from '../shared/destinations.ts';

/** Settings that the server writes into the page. */
export interface Settings {
  readonly endpoint: string;
  readonly prefixes: Prefixes;
}

const path = v.pipe(v.string(), v.startsWith('/'));
const SettingsSchema = v.object({
  endpoint: path,
  prefixes: v.object({ app: path, queue: path, topic: path, user: path }),
});

export const DEFAULT_SETTINGS: Settings = {
  endpoint: DEFAULT_ENDPOINT,
  prefixes: DEFAULT_PREFIXES,
};

/**
 * Parses the content of the `stomping-ground` meta element; incomplete settings give the
 * defaults.
 */
export function parseSettings(content: string): Settings {
  try {
    const parsed = v.safeParse(SettingsSchema, JSON.parse(content));
    return parsed.success ? parsed.output : DEFAULT_SETTINGS;
  } catch {
    // The content is empty where the page is not served by the broker.
    return DEFAULT_SETTINGS;
  }
}
