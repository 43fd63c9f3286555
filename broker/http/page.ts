import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import express, { type Router } from 'express';
import type { Prefixes } from '../../shared/destinations.ts';

/** The settings that the page needs from its server. */
export interface PageSettings {
  readonly endpoint: string;
  readonly prefixes: Prefixes;
}

const PLACEHOLDER = '<meta name="stomping-ground" content="" />';

/**
 * Serves the built page: `/` and `/rooms/{roomId}` are its document, other paths are its files.
 * Throws if the page was not built.
 */
export function page(folder: string, settings: PageSettings): Router {
  const document = withSettings(readFileSync(join(folder, 'index.html'), 'utf8'), settings);
  const router = express.Router();
  router.get(['/', '/rooms/:roomId'], (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('html').send(document);
  });
  // Built files carry a digest in their names.
  const assets = { immutable: true, index: false, maxAge: '1y' } as const;
  router.use('/assets', express.static(join(folder, 'assets'), assets));
  // The file of the document lacks the settings, without which the page cannot connect.
  router.use((request, _response, next) => next(isDocument(request.path) ? 'router' : undefined));
  router.use(express.static(folder, { index: false, maxAge: '1h' }));
  return router;
}

/** True for the path of `index.html` however it is written, such as `/a/../Index%2Ehtml`. */
function isDocument(path: string): boolean {
  try {
    return posix.normalize(decodeURIComponent(path)).toLowerCase() === '/index.html';
  } catch {
    // A path that cannot be decoded names no file.
    return false;
  }
}

function withSettings(html: string, settings: PageSettings): string {
  const json = JSON.stringify(settings).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  if (!html.includes(PLACEHOLDER)) throw new Error('the page has no element for its settings');
  return html.replace(PLACEHOLDER, () => PLACEHOLDER.replace('content=""', `content="${json}"`));
}
