import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import express, { type Router } from 'express';
import type { Prefixes } from '../../shared/destinations.ts';

/** What the page is told about its server. */
export interface PageSettings {
  readonly endpoint: string;
  readonly prefixes: Prefixes;
}

const PLACEHOLDER = '<meta name="stomping-ground" content="" />';

/**
 * Serves the built page: `/` and `/rooms/{roomId}` are its one document, the rest are its files.
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
  // The document as a file has no settings in it, and a page without them connects nowhere.
  router.use((request, _response, next) => next(isDocument(request.path) ? 'router' : undefined));
  router.use(express.static(folder, { index: false, maxAge: '1h' }));
  return router;
}

/** In whichever way the path of `index.html` is written. */
function isDocument(path: string): boolean {
  try {
    return posix.normalize(decodeURIComponent(path)).toLowerCase() === '/index.html';
  } catch {
    // No file has a path that cannot be decoded.
    return false;
  }
}

function withSettings(html: string, settings: PageSettings): string {
  const json = JSON.stringify(settings).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  if (!html.includes(PLACEHOLDER)) throw new Error('the page has no place for its settings');
  return html.replace(PLACEHOLDER, () => PLACEHOLDER.replace('content=""', `content="${json}"`));
}
