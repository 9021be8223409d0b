/**
 * Plays recorded streams through projection and detectors on the streams' own clock, with nothing in between.
 *
 * Used by the tests of detectors. Knows no Hooks: every type stands alone, and what is dismissed or opted in is no incident.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Finding } from '../../../watcher/detectors/detector.ts';
import { detect } from '../../../watcher/detectors/index.ts';
import { type EventView, viewEvent } from '../../../watcher/views/event-view.ts';
import { type PodView, viewPod } from '../../../watcher/views/pod-view.ts';

const Item = z.object({ at: z.string(), type: z.string(), object: z.looseObject({ kind: z.string() }) });
export type Item = z.infer<typeof Item>;
export const Objects = z.record(z.string(), z.unknown());

export function sample(name: string): Record<string, unknown> {
  return Objects.parse(JSON.parse(readFileSync(new URL(`../../samples/${name}.json`, import.meta.url), 'utf8')));
}

export const streamOf = (value: unknown): Item[] => z.array(Item).parse(value);

/** The same moment and kind of change for each of these objects. */
export const items = (objects: unknown[], at: string, type = 'MODIFIED'): Item[] =>
  streamOf(objects.map((object) => ({ at, type, object })));

interface Fired {
  finding: Finding;
  atMs: number;
}

export interface Replayed {
  fired: Fired[];
  /** What the last look at each Pod saw. */
  visible: Finding[];
}

interface Watched {
  pod: PodView;
  before: PodView | undefined;
  seen: Map<string, { finding: Finding; firstMs: number; isFired: boolean }>;
}

export function replay(stream: Item[], untilMs = 0): Replayed {
  const fired: Fired[] = [];
  const pods = new Map<string, Watched>();
  const events = new Map<string, EventView>();
  let clockMs = 0;

  function look(watched: Watched): void {
    const { pod, before, seen } = watched;
    const about = [...events.values()].filter((event) => event.about.uid === pod.uid);
    const one = { before, now: pod, clockMs, events: about.toSorted((a, b) => a.lastMs - b.lastMs) };
    const findings = new Map(detect('Pod', one).map((finding) => [keyOf(finding), finding]));
    for (const key of seen.keys()) if (!findings.has(key)) seen.delete(key);
    for (const [key, finding] of findings) {
      const known = seen.get(key) ?? { firstMs: clockMs, isFired: false };
      const isDue = dueMs(finding, known.firstMs) <= clockMs;
      if (isDue && !known.isFired) fired.push({ finding, atMs: clockMs });
      seen.set(key, { ...known, finding, isFired: known.isFired || isDue });
    }
    watched.before = pod;
  }

  /** Deadlines pass at their own moments. */
  function advance(toMs: number): void {
    const due = [...pods.values()].flatMap((watched) =>
      [...watched.seen.values()]
        .filter(({ isFired }) => !isFired)
        .map(({ finding, firstMs }) => ({ watched, ms: dueMs(finding, firstMs) })),
    );
    for (const { watched, ms } of due.filter(({ ms }) => ms <= toMs).toSorted((a, b) => a.ms - b.ms)) {
      clockMs = Math.max(clockMs, ms);
      look(watched);
    }
    clockMs = Math.max(clockMs, toMs);
  }

  function takePod(pod: PodView, type: string): void {
    const watched: Watched = { seen: new Map(), before: undefined, ...pods.get(pod.uid), pod };
    pods.set(pod.uid, watched);
    look(watched);
    if (type === 'DELETED') pods.delete(pod.uid);
  }

  function takeEvent(event: EventView): void {
    events.set(event.uid, event);
    const watched = pods.get(event.about.uid);
    if (watched !== undefined) look(watched);
  }

  function take({ type, object }: Item): void {
    const pod = object.kind === 'Pod' ? viewPod(object) : undefined;
    if (pod !== undefined) takePod(pod, type);
    const event = object.kind === 'Event' ? viewEvent(object) : undefined;
    if (event !== undefined) takeEvent(event);
  }

  for (const item of stream) {
    advance(Date.parse(item.at));
    take(item);
  }
  advance(untilMs);
  return {
    fired: fired.filter(({ finding }) => finding.dismissed === undefined && finding.optIn === undefined),
    visible: [...pods.values()].flatMap(({ seen }) => [...seen.values()].map(({ finding }) => finding)),
  };
}

const keyOf = ({ type, occurrence }: Finding): string => `${type}|${occurrence.id}`;

function dueMs({ nature, sinceMs, holdMs = 0, allowedMs = 0 }: Finding, firstMs: number): number {
  return nature === 'edge' ? 0 : (sinceMs ?? firstMs) + holdMs + allowedMs;
}

/** `type container cause`, sorted; the parts that are there. */
export function names(findings: readonly Finding[]): string[] {
  return findings
    .map(({ type, container, occurrence }) =>
      [type, container, occurrence.cause].filter((part) => part !== undefined).join(' '),
    )
    .toSorted();
}

/** `names`, each with the time at which it fired. */
export function firedAt({ fired }: Replayed): string[] {
  return fired
    .map(({ finding, atMs }) => `${new Date(atMs).toISOString().slice(11, 19)} ${names([finding])[0]}`)
    .toSorted();
}
