/**
 * What Kagent's Agent object says of how an agent runs: its kind, and how many replicas it has. Pure.
 *
 * Source: `kagent.dev/v1alpha2` Agent, `spec.type` and `spec.{declarative,byo}.deployment.replicas`.
 */
import { z } from 'zod';
import type { KagentAgent } from './sessions.ts';

const Replicas = z.looseObject({ replicas: z.int().optional() }).nullish().catch(undefined);
const Deployed = z.looseObject({ deployment: Replicas }).nullish().catch(undefined);
const AgentSpec = z.looseObject({
  spec: z.looseObject({ type: z.string().optional().catch(undefined), declarative: Deployed, byo: Deployed }),
});

function specOf(known: KagentAgent | undefined) {
  return AgentSpec.safeParse(known?.agent).data?.spec;
}

export function replicasOf(known: KagentAgent | undefined): number {
  const spec = specOf(known);
  return Math.max(spec?.declarative?.deployment?.replicas ?? 1, spec?.byo?.deployment?.replicas ?? 1);
}

/** Whether the agent brings its own image, and so may keep its tasks to itself. */
export function bringsOwnImage(known: KagentAgent | undefined): boolean {
  return specOf(known)?.type === 'BYO';
}
