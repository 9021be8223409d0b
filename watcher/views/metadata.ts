/**
 * What every view has in common: whose it is, how old it is, whom it belongs to; and the shape of conditions.
 *
 * Used by the view files beside it. Reads what the API server sends, with nulls and absent keys at will; keeps nothing else.
 */
import { z } from 'zod';

/** The controller that an object names as its owner; the uid decides, the name is for people. */
export interface OwnerRef {
  kind: string;
  name: string;
  uid: string;
}

export interface Metadata {
  uid: string;
  name: string;
  /** Empty for cluster-scoped objects. */
  namespace: string;
  resourceVersion: string;
  createdAt: string;
  isBeingDeleted: boolean;
  labels: Record<string, string>;
  owner?: OwnerRef;
}

export interface Condition {
  status: string;
  reason: string;
  message: string;
  /** `lastTransitionTime`. */
  since?: string;
}

/** Go leaves out what is empty, or writes null. */
export const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

export const Count = z
  .number()
  .nullish()
  .transform((count) => count ?? 0);

export function listOf<T>(item: z.ZodType<T>) {
  return z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
}

export const RawMetadata = z.object({
  uid: z.string(),
  name: z.string(),
  namespace: Text,
  resourceVersion: Text,
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  generation: Count,
  labels: z.record(z.string(), z.string()).nullish(),
  ownerReferences: z
    .array(z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() }))
    .nullish(),
});

export const RawConditions = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      lastTransitionTime: z.string().nullish(),
    }),
  )
  .nullish();

export function metadataOf(raw: z.infer<typeof RawMetadata>): Metadata {
  const owner = raw.ownerReferences?.find((reference) => reference.controller === true);
  return {
    uid: raw.uid,
    name: raw.name,
    namespace: raw.namespace,
    resourceVersion: raw.resourceVersion,
    createdAt: raw.creationTimestamp ?? '',
    isBeingDeleted: typeof raw.deletionTimestamp === 'string',
    labels: raw.labels ?? {},
    ...optional('owner', owner && { kind: owner.kind, name: owner.name, uid: owner.uid }),
  };
}

export function conditionOf(conditions: z.infer<typeof RawConditions>, type: string): Condition | undefined {
  const found = conditions?.find((condition) => condition.type === type);
  if (found === undefined) return undefined;
  return {
    status: found.status,
    reason: found.reason ?? '',
    message: found.message ?? '',
    ...optional('since', found.lastTransitionTime),
  };
}

/** A property that is left out where there is no value, as exact optional properties want it. */
export function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  const result: { [P in K]?: V } = {};
  if (value !== undefined && value !== null && value !== '') result[key] = value;
  return result;
}
