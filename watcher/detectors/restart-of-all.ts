/**
 * All containers of a Pod restarted at once, because one of them ended in a way for which its Pod asks so (1.36 and later).
 *
 * Part of pod-restart: one finding for the Pod. The records of its containers are synthetic: exit code 137 without times,
 * which is neither an OOM kill nor a restart of each.
 */
import type { PodView } from '../views/pod-view.ts';
import type { Found, Look } from './detector.ts';
import { conditionLine } from './evidence-lines.ts';
import { isRestartOfAll } from './terminations.ts';

export function restartOfAll({ now }: Look<PodView>): Found[] {
  const ended = now.containers.filter(
    ({ kind, lastTerminated }) => kind !== 'ephemeral' && lastTerminated !== undefined,
  );
  // Once one of them ended by itself after that, the highest count may be lower, and would look like a second restart.
  if (ended.length === 0 || !ended.every(({ lastTerminated }) => isRestartOfAll(lastTerminated))) return [];
  // The count is the same before and after the start, while the condition's time is not.
  const restartCount = Math.max(...ended.map((container) => container.restartCount));
  const condition = now.conditions.AllContainersRestarting;
  const names = ended.map(({ name }) => name).join(', ');
  return [
    {
      nature: 'edge',
      occurrence: {
        id: `${now.uid}/all-containers/run-${restartCount}`,
        order: restartCount,
        reason: 'RestartingAllContainers',
        message: `All containers of the Pod were restarted, as one of them asked for by its restart rule: ${names}`,
        at: condition?.since ?? ended[0]?.startedAt,
        restartCount,
        cause: 'restart-rule',
        evidence: [conditionLine('AllContainersRestarting', condition)],
      },
    },
  ];
}
