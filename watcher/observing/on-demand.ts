/**
 * The kinds of objects that are watched only while some Hook asks for an incident type that is seen on them.
 *
 * A table: type, path, view.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import { viewAutoscaler } from '../views/autoscaler-view.ts';
import { viewJob } from '../views/job-view.ts';
import { viewNode } from '../views/node-view.ts';
import { viewRollout } from '../views/rollout-view.ts';
import type { Views } from '../views/view.ts';
import type { Observer } from './observe.ts';
import { type Opening, openStream } from './open-stream.ts';

export interface OnDemand {
  types: readonly IncidentType[];
  path: string;
  open: (opening: Opening, observer: Observer) => void;
}

interface Kind<K extends keyof Views> {
  kind: K;
  types: readonly IncidentType[];
  path: string;
  view: (object: unknown) => Views[K] | undefined;
}

function onDemand<K extends keyof Views>({ kind, types, path, view }: Kind<K>): OnDemand {
  const open: OnDemand['open'] = (opening, { changed }) =>
    void openStream<Views[K]>(opening, { path, view, onChange: changed(kind) });
  return { types, path, open };
}

export const kindsOnDemand: readonly OnDemand[] = [
  onDemand({ kind: 'Node', types: ['node-not-ready'], path: '/api/v1/nodes', view: viewNode }),
  onDemand({ kind: 'Job', types: ['job-failed'], path: '/apis/batch/v1/jobs', view: viewJob }),
  ...(['Deployment', 'StatefulSet', 'DaemonSet'] as const).map((kind) =>
    onDemand({
      kind: 'Rollout',
      types: ['rollout-stuck'],
      path: `/apis/apps/v1/${kind.toLowerCase()}s`,
      view: viewRollout(kind),
    }),
  ),
  onDemand({
    kind: 'HorizontalPodAutoscaler',
    types: ['hpa-failed'],
    path: '/apis/autoscaling/v2/horizontalpodautoscalers',
    view: viewAutoscaler,
  }),
];
