/**
 * Asks the health server of the other process, so that one address covers both.
 *
 * For /healthz only: a process is not taken out of service, nor restarted, for its neighbour.
 */
import { z } from 'zod';

const Problems = z.object({ wrong: z.array(z.string()) });

const limitMs = 2000;

/** Never throws; what keeps the neighbour from answering is the message. */
export async function askNeighbour(url: string): Promise<{ ok: boolean; message: string }> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(limitMs) });
    if (response.ok) return { ok: true, message: 'is well' };
    const said = Problems.safeParse(await response.json().catch(() => undefined));
    return { ok: false, message: said.success ? said.data.wrong.join('; ') : `answered ${response.status}` };
  } catch (error) {
    const isSlow = error instanceof Error && error.name === 'TimeoutError';
    return { ok: false, message: isSlow ? `did not answer within ${limitMs} ms` : 'cannot be reached' };
  }
}
