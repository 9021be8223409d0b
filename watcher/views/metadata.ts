/**
 * What every view has in common: whose it is, how old it is, whom it belongs to; and the shape of conditions.
 *
 * Reads what the API server sends, with nulls and absent keys at will; keeps nothing else.
 */
import { z } from 'zod';
import { Generation } from './number.ts';
import { shareObjects } from './share-equal.ts';
import { cut, MessageText, Name, NamespaceText, Time, Uid, VersionText, Word, WordText } from './text.ts';

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

/** Far more containers, conditions, taints, owners or labels than anybody has use for. */
const mostItems = 128;
const longestLabel = { key: 317, value: 63 } as const;

const shareLabels = shareObjects<Record<string, string>>();
const shareOwner = shareObjects<OwnerRef>();
const shareCondition = shareObjects<Condition>();

/** Only the first are read where there are too many. */
export function listOf<T>(item: z.ZodType<T>) {
  return z
    .array(z.unknown())
    .nullish()
    .transform((list) => (list ?? []).slice(0, mostItems))
    .pipe(z.array(item));
}

/** Not looked at one by one: there may be very many. */
const Labels = z
  .custom<object>((labels) => typeof labels === 'object' && labels !== null)
  .nullish()
  .transform((labels) => firstLabels(labels ?? {}));

/** An own property each, whatever it is called. The server sends them in the order of their names. */
function firstLabels(labels: object): Record<string, string> {
  const keys = Object.keys(labels).slice(0, mostItems);
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value: unknown = Reflect.get(labels, key);
      return typeof value === 'string' ? [[cut(key, longestLabel.key), cut(value, longestLabel.value)]] : [];
    }),
  );
}

export const RawMetadata = z.object({
  uid: Uid,
  name: Name,
  namespace: NamespaceText,
  resourceVersion: VersionText,
  creationTimestamp: Time,
  /** Whatever it says: it is set when the object is to be deleted. */
  deletionTimestamp: z.string().nullish(),
  generation: Generation,
  labels: Labels,
  ownerReferences: listOf(z.object({ kind: Name, name: Name, uid: Uid, controller: z.boolean().nullish() })),
});

export const RawConditions = listOf(
  z.object({ type: Word, status: Word, reason: WordText, message: MessageText, lastTransitionTime: Time }),
);

export function metadataOf(raw: z.infer<typeof RawMetadata>): Metadata {
  const owner = raw.ownerReferences.find((reference) => reference.controller === true);
  return {
    uid: raw.uid,
    name: raw.name,
    namespace: raw.namespace,
    resourceVersion: raw.resourceVersion,
    createdAt: raw.creationTimestamp ?? '',
    isBeingDeleted: typeof raw.deletionTimestamp === 'string',
    labels: shareLabels(raw.labels),
    ...optional('owner', owner && shareOwner({ kind: owner.kind, name: owner.name, uid: owner.uid })),
  };
}

export function conditionOf(
  conditions: z.infer<typeof RawConditions> | undefined,
  type: string,
): Condition | undefined {
  const found = conditions?.find((condition) => condition.type === type);
  if (found === undefined) return undefined;
  return shareCondition({
    status: found.status,
    reason: found.reason,
    message: found.message,
    ...optional('since', found.lastTransitionTime),
  });
}

/** Makes views of objects as received; undefined for one that has not the shape. */
export function viewer<R extends z.ZodType, V>(shape: R, view: (raw: z.output<R>) => V) {
  return (object: unknown): V | undefined => {
    const parsed = shape.safeParse(object);
    return parsed.success ? view(parsed.data) : undefined;
  };
}

/** A property that is left out where there is no value, as exact optional properties want it. */
export function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  const result: { [P in K]?: V } = {};
  if (value !== undefined && value !== null && value !== '') result[key] = value;
  return result;
}
