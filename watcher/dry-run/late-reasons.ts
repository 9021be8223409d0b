/**
 * Terminations whose reason became OOMKilled only after it was reported otherwise: the restart then is the OOM kill.
 *
 * With Hooks, the tracker settles who took it; without, each type stands alone, and this keeps one termination from being
 * printed as two incidents because the runtime was slow.
 */
import type { PodView } from '../views/pod-view.ts';

export function createLateReasons() {
  const first = new Map<string, string>();
  const late = new Set<string>();
  return {
    see: (pod: PodView) => {
      for (const { name, terminated, lastTerminated } of pod.containers) {
        for (const record of [terminated, lastTerminated]) {
          if (record?.containerID === undefined) continue;
          const { containerID, reason } = record;
          const fact = `${pod.uid}/${name}/${containerID}`;
          const before = first.get(fact) ?? reason;
          first.set(fact, before);
          if (reason === 'OOMKilled' && before !== 'OOMKilled') late.add(fact);
        }
      }
    },
    /** By the fact of the termination. */
    isLateOom: (fact: string) => late.has(fact),
  };
}
