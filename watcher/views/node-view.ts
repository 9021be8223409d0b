/**
 * What the watcher keeps of a Node: whether it is ready, and the signs of a planned end.
 */
import { z } from 'zod';
import {
  type Condition,
  conditionOf,
  listOf,
  type Metadata,
  metadataOf,
  optional,
  RawConditions,
  RawMetadata,
  viewer,
} from './metadata.ts';
import { Name } from './text.ts';

export interface NodeView extends Metadata {
  kind: 'Node';
  ready?: Condition;
  /** Cordoned. */
  isUnschedulable: boolean;
  /** Keys of the taints. */
  taints: string[];
}

const RawNode = z.object({
  metadata: RawMetadata,
  spec: z.object({ unschedulable: z.boolean().nullish(), taints: listOf(z.object({ key: Name })) }).nullish(),
  status: z.object({ conditions: RawConditions }).nullish(),
});

export const viewNode = viewer(
  RawNode,
  ({ metadata, spec, status }): NodeView => ({
    kind: 'Node',
    ...metadataOf(metadata),
    ...optional('ready', conditionOf(status?.conditions, 'Ready')),
    isUnschedulable: spec?.unschedulable === true,
    taints: (spec?.taints ?? []).map(({ key }) => key),
  }),
);
