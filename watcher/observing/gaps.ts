/**
 * Gaps: times in which nobody watched, so that what came and went in them cannot be known. Always reported.
 *
 * There may be one after a start, and where a stream had to list anew. In the log, in the metrics, on the Lease, and as a
 * Kubernetes Event about the Lease, each with from and to.
 */
import type { Logger } from 'pino';
import type { Checkpoint } from '../leading/checkpoint.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { EventWriter } from '../recorder/write-events.ts';

export interface Gap {
  fromMs: number;
  toMs: number;
  /** Why nobody watched, in a few words. */
  why: string;
}

export type Gaps = ReturnType<typeof createGaps>;

interface GapsOptions {
  lease: { namespace: string; name: string; uid: string };
  checkpoint: Pick<Checkpoint, 'noteGap'>;
  events: EventWriter;
  ledger: Pick<Ledger, 'gap'>;
  log: Logger;
}

export function createGaps({ lease, checkpoint, events, ledger, log }: GapsOptions) {
  return {
    note: (gap: Gap) => {
      const seconds = Math.max(0, gap.toMs - gap.fromMs) / 1000;
      const [from, to] = [gap.fromMs, gap.toMs].map((ms) => new Date(ms).toISOString());
      ledger.gap(seconds);
      checkpoint.noteGap(gap);
      log.warn({ from, to, seconds, why: gap.why }, 'what came and went meanwhile was not seen');
      events.write({
        key: `gap ${from} ${gap.why}`,
        regarding: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...lease },
        reason: 'NotWatched',
        note: `From ${from} to ${to} ${gap.why}: what is there still was found, what came and went meanwhile was not seen.`,
        at: new Date(gap.toMs).toISOString(),
      });
    },
  };
}
