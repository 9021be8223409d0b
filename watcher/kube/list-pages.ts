/**
 * Lists a collection in pages, as received.
 *
 * Called by the reflector. Checks only the envelope; the items are the caller's to read. Never keeps a page.
 */
import { z } from 'zod';
import type { ApiServer } from './api-server.ts';

/** About 4 MB of pods a page; the API server answers such a page in well under a second. */
const pageSize = 500;

const Page = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});

export interface ListPage {
  /** The version of the whole list; the same on every page. */
  resourceVersion: string;
  items: unknown[];
}

export async function* listPages(from: {
  api: ApiServer;
  path: string;
  signal: AbortSignal;
  accept?: string | undefined;
}): AsyncGenerator<ListPage> {
  const { api, path, signal, accept } = from;
  let next: string | undefined;
  do {
    const query = { limit: String(pageSize), ...(next !== undefined && { continue: next }) };
    const page = Page.parse(await api.json({ path, query, signal, ...(accept !== undefined && { accept }) }));
    yield { resourceVersion: page.metadata.resourceVersion, items: page.items ?? [] };
    next = page.metadata.continue === '' ? undefined : page.metadata.continue;
  } while (next !== undefined);
}
