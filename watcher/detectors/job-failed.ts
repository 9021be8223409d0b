/**
 * job-failed: a Job has failed for good.
 *
 * The condition Failed decides: failed Pods are tried again, and FailureTarget stands there while Pods still end. A Job may be
 * removed as soon as it has failed, so its last words count.
 */
import { whyNotCreated } from './deciding-sentence.ts';
import { type Detector, msOf } from './detector.ts';
import { conditionLine, eventLines } from './evidence-lines.ts';

export const jobFailed: Detector<'Job'> = {
  type: 'job-failed',
  summary: 'A Job has failed for good: its condition Failed is True.',
  readsLastWords: true,
  detect({ now, events }) {
    const { failed } = now;
    if (failed?.status !== 'True') return [];
    const reason = failed.reason === '' ? 'Failed' : failed.reason;
    return [
      {
        nature: 'edge',
        occurrence: {
          id: `${now.uid}/Failed`,
          order: msOf(failed.since) ?? 0,
          reason,
          message: `Job ${now.name} has failed (${reason}): ${failed.message}${whyNotCreated(events)}`,
          at: failed.since,
          cause: reason,
          evidence: [
            conditionLine('Failed', failed),
            now.failedPods === 0 ? undefined : `failed Pods: ${now.failedPods}`,
            ...eventLines(events),
          ],
        },
      },
    ];
  },
};
