/**
 * A recording: a stream of changes with their times, or one look at a cluster as `kubectl get … -o json` prints it.
 *
 * Throws a sentence that names the file, what was found and what was expected.
 */
import { z } from 'zod';

export interface Recording {
  changes: RecordedChange[];
  /** Edges from this moment on are news; what objects show of earlier ones when they are first seen is the state of affairs. */
  fromMs: number;
}

const KubernetesObject = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const Change = z
  .object({
    at: z.iso.datetime({ offset: true }),
    type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
    object: KubernetesObject,
  })
  .transform(({ at, type, object }) => ({ atMs: Date.parse(at), type, kind: object.kind, object }));
export type RecordedChange = Omit<z.infer<typeof Change>, 'object'> & { object: unknown };
const Stream = z.object({ stream: z.array(Change) });
const List = z.object({ kind: z.string().endsWith('List'), items: z.array(z.unknown()) });

const expected = 'expected {"stream": [{at, type, object}]} or what kubectl get -o json prints';

/** Owners first, so that Pods find them, and Events last, so that they find their Pods. */
const order = ['ReplicaSet', 'Job', 'Node', 'Deployment', 'StatefulSet', 'DaemonSet', 'Pod'];

/** `nowMs` is the time of a look at a cluster. */
export function readRecording(name: string, text: string, nowMs: number): Recording {
  const value = parse(name, text);
  if (typeof value === 'object' && value !== null && 'stream' in value) return readStream(name, value);
  const list = List.safeParse(value);
  const objects = list.success ? list.data.items.map((item) => withKind(item, list.data.kind)) : [value];
  const changes = objects.map((object, index): RecordedChange => {
    const parsed = KubernetesObject.safeParse(object);
    if (!parsed.success)
      throw new Error(`${name}: ${list.success ? `items[${index}]` : 'it'} is no Kubernetes object; ${expected}.`);
    return { atMs: nowMs, type: 'ADDED', kind: parsed.data.kind, object: parsed.data };
  });
  return { changes: changes.toSorted((a, b) => rank(a.kind) - rank(b.kind)), fromMs: Number.NEGATIVE_INFINITY };
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: is not JSON (${error instanceof Error ? error.message : String(error)}); ${expected}.`, {
      cause: error,
    });
  }
}

function readStream(name: string, value: object): Recording {
  const parsed = Stream.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${name}: ${issue?.path.join('.')}: ${issue?.message}; ${expected}.`);
  }
  const changes = parsed.data.stream;
  return { changes, fromMs: Math.min(...changes.map(({ atMs }) => atMs)) };
}

/** The API server leaves the kind out of the items of a typed list, such as a PodList. */
function withKind(item: unknown, listKind: string): unknown {
  if (typeof item !== 'object' || item === null || 'kind' in item || listKind === 'List') return item;
  return { kind: listKind.slice(0, -'List'.length), ...item };
}

function rank(kind: string): number {
  const place = order.indexOf(kind);
  return place < 0 ? order.length : place;
}
