/**
 * Fetches files from publishers, and gives up early where there is no network.
 *
 * One `Network` serves a whole run, so that a host which does not answer costs its few seconds once and not for every
 * engine. Never retries, and never keeps what it could not fetch whole.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

export interface Network {
  /** The text at the URL. */
  text(url: string): Promise<string>;
  /** Writes what is at the URL into the file; returns its SHA-256 in hex. `onBytes` gets the total so far. */
  file(url: string, path: string, onBytes: (bytes: number) => void): Promise<string>;
}

interface NetworkLimits {
  /** Until the answer begins, all of name lookup, connecting and redirects included. */
  answerTimeoutMs?: number;
  /** Longest silence in the middle of a transfer. */
  stallTimeoutMs?: number;
}

/** Rejections of both methods are sentences that name the host and what happened. */
export function createNetwork({ answerTimeoutMs = 5_000, stallTimeoutMs = 30_000 }: NetworkLimits = {}): Network {
  const silentHosts = new Set<string>();

  async function* chunksOf(url: string): AsyncGenerator<Uint8Array> {
    const { host } = new URL(url);
    if (silentHosts.has(host)) throw new Error(`${host} is not reachable, as was found before in this run.`);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${answerTimeoutMs} ms`)), answerTimeoutMs);
    const response = await fetch(url, { signal: abort.signal })
      .catch((error: unknown) => {
        silentHosts.add(host);
        throw new Error(`${host} is not reachable: ${causeOf(error)}.`, { cause: error });
      })
      .finally(() => clearTimeout(timer));
    if (!response.ok || response.body === null) {
      abort.abort();
      throw new Error(`${host} answered ${response.status} for ${url}; 200 and a file were expected.`);
    }
    const stall = setTimeout(() => abort.abort(new Error(`nothing came for ${stallTimeoutMs} ms`)), stallTimeoutMs);
    try {
      for await (const chunk of response.body) {
        stall.refresh();
        yield chunk;
      }
    } catch (error) {
      throw new Error(`The transfer of ${url} broke off: ${causeOf(error)}.`, { cause: error });
    } finally {
      clearTimeout(stall);
    }
  }

  return {
    text: (url) => text(chunksOf(url)),
    file: (url, path, onBytes) => save(chunksOf(url), path, onBytes),
  };
}

/** Resolves with the SHA-256 of what was written, in hexadecimal digits. */
async function save(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      yield chunk;
    }
  }
  await writeFile(path, counted(), { flag: 'wx' });
  return hash.digest('hex');
}

/** `fetch` says only "fetch failed"; the reason is in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
