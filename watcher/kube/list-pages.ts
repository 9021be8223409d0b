/**
 * Lists a collection in pages, as received.
 *
 * Checks only the envelope; the items are the caller's to read. Never keeps a page. Where objects are so large that a page of
 * them is more than we read, pages become smaller.
 */
import { z } from 'zod';
import type { ApiServer } from './api-server.ts';
import { BodyTooLargeError } from './read-body.ts';

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

interface ListFrom {
  api: ApiServer;
  path: string;
  signal: AbortSignal;
  accept?: string | undefined;
}

export async function* listPages(from: ListFrom): AsyncGenerator<ListPage> {
  let next: string | undefined;
  let limit = pageSize;
  for (;;) {
    const page = await pageOf(from, limit, next);
    if (page === undefined) {
      limit = Math.max(1, Math.floor(limit / 4));
      continue;
    }
    yield { resourceVersion: page.metadata.resourceVersion, items: page.items ?? [] };
    next = page.metadata.continue;
    if (next === undefined || next === '') return;
  }
}

/** Undefined where it is too large, and a smaller one may not be. */
async function pageOf(from: ListFrom, limit: number, next?: string): Promise<z.infer<typeof Page> | undefined> {
  const { api, path, signal, accept } = from;
  const query = { limit: String(limit), ...(next !== undefined && { continue: next }) };
  try {
    return Page.parse(await api.json({ path, query, signal, ...(accept !== undefined && { accept }) }));
  } catch (error) {
    if (error instanceof BodyTooLargeError && limit > 1) return undefined;
    throw error;
  }
}
