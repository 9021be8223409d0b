/**
 * job-failed: a Job has failed for good.
 *
 * The condition Failed decides: failed Pods are tried again, and FailureTarget stands there while Pods still end. A Job may be
 * removed as soon as it has failed, so its last words count.
 */
import { whyNotCreated } from './deciding-sentence.ts';
import { bounded, type Detector, sinceOf, wholeSeconds } from './detector.ts';
import { conditionLine, eventLines, evidenceOf } from './evidence-lines.ts';
import { ofObject } from './occurrence-of.ts';

export const jobFailed: Detector<'Job'> = {
  type: 'job-failed',
  watches: 'Job',
  summary: 'A Job has failed for good: its condition Failed is True.',
  detect({ now, clockMs, events }) {
    const { failed } = now;
    if (failed?.status !== 'True') return [];
    const id = `${now.uid}/Failed`;
    const reason = failed.reason === '' ? 'Failed' : failed.reason;
    return [
      {
        type: 'job-failed',
        nature: 'edge',
        fact: id,
        occurrence: {
          id,
          ...ofObject(now),
          order: sinceOf(failed).sinceMs ?? 0,
          reason,
          message: bounded(`Job ${now.name} has failed (${reason}): ${failed.message}${whyNotCreated(events)}`),
          at: wholeSeconds(failed.since, clockMs),
          cause: reason,
          ...evidenceOf(
            conditionLine('Failed', failed),
            now.failedPods === 0 ? undefined : `failed Pods: ${now.failedPods}`,
            ...eventLines(events),
          ),
        },
      },
    ];
  },
};
