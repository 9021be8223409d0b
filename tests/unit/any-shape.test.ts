/**
 * From an object as received to what an agent, the Web UI, the Hook and its Events show of it: whatever stands in it, nothing
 * throws, and everything that comes of it is small, inert, and of the shape that the next one wants.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPrompt } from '../../activities/render-prompt.ts';
import { type LiveHook, readHook } from '../../watcher/hooks/live-hook.ts';
import { IncidentType } from '../../workflows/contract/hook.ts';
import { soFarOf } from '../../workflows/record/incident-record.ts';
import { memoOf } from '../../workflows/record/memo-of.ts';
import { type AnyKind, anyKinds, anyObject, anyTrouble } from '../any-object.ts';
import { aHookObject, oomConfiguration } from '../make.ts';
import { aWholeWay, type Findings, type HandedOver } from './a-whole-way.ts';
import { expectReportable, expectStartable, expectWithin, live, overTheWire, rowOf } from './expect-bounded.ts';

const matches = [
  {},
  {
    match: {
      names: ['*', ...Array.from({ length: 49 }, (_, n) => `!*x*x*x*${n}`)],
      labels: { matchExpressions: [{ key: 'constructor', operator: 'DoesNotExist' }] },
    },
  },
  {
    match: {
      expression: '!(incident.labels.exists(l, l == incident.message) || incident.name.matches("(a|b)*c"))',
      include: ['job-restarts', 'drains', 'scheduling-gates'],
    },
    groupBy: 'pod',
    after: '1s',
  },
];

function hookOf(over: object, n: number, generation = 1): LiveHook {
  const prompt =
    '{{.ResourceName}} {{.EventMessage}} {{.Reason}} {{.Container}} {{.OwnerName}} {{.NodeName}} {{.ExitCode}}';
  const eventConfigurations = IncidentType.options.map((eventType) => ({
    ...oomConfiguration,
    eventType,
    prompt,
    ...over,
  }));
  const hook = readHook(aHookObject({ eventConfigurations }, { name: `hook-${n}`, uid: `hook-uid-${n}`, generation }));
  if (hook?.problems.length !== 0) throw new Error(`It is a good Hook: ${JSON.stringify(hook?.problems)}`);
  return hook;
}
const hooks = matches.map((match, n) => hookOf(match, n));

interface Step {
  kind: AnyKind;
  object: unknown;
  does: 'show' | 'edit';
}

function show(kind: AnyKind, object: unknown): Step {
  return { kind, object, does: 'show' };
}

function showing(kind: AnyKind): fc.Arbitrary<Step> {
  return anyObject(kind).map((object) => show(kind, object));
}

const step = fc.oneof(
  // Most of what we know comes of Pods and of Events about them.
  ...[...anyKinds, 'Pod' as const, 'Pod' as const, 'Event' as const, 'Event' as const].map(showing),
  fc.constant<Step>({ kind: 'Event', object: undefined, does: 'edit' }),
);
/** Several versions of the same objects, among them Events and edits of Hooks. */
const story = fc.oneof(
  { weight: 3, arbitrary: fc.array(step, { minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: anyTrouble.map(([pod, event]): Step[] => [show('Event', event), show('Pod', pod)]) },
);

/** Each time it is another version. */
function versioned(object: unknown, version: number): unknown {
  const copy = structuredClone(object);
  const metadata: unknown = isObject(copy) ? copy['metadata'] : undefined;
  if (isObject(metadata)) metadata['resourceVersion'] = String(version);
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function playOut(steps: readonly Step[]) {
  const way = aWholeWay(hooks);
  const dayMs = 24 * 3_600_000;
  let version = 0;
  try {
    for (const { kind, object, does } of steps) {
      version += 1;
      if (does === 'edit') await way.edit(hookOf({}, 0, version));
      else await way.show(kind, versioned(object, version));
    }
    for (const { kind, object, does } of steps) {
      version += 1;
      // What is true for so long is an incident, whatever it waits for.
      if (does === 'show') await way.show(kind, versioned(object, version), dayMs);
    }
    for (const { kind, object, does } of steps) if (does === 'show') await way.remove(kind, object);
    way.trueNow();
  } finally {
    way.stop();
  }
  return way.found;
}

/** Returns the types of what occurred. */
async function expectGood(occurred: readonly HandedOver[], resolved: Findings['resolved']): Promise<string[]> {
  const byId = Map.groupBy(occurred, ({ workflowId }) => workflowId);
  for (const [workflowId, reported] of [...byId].slice(0, mostExamined)) {
    for (const { incident } of reported.slice(0, 1)) {
      await expectStartable(workflowId, incident);
      const ends = resolved.filter((end) => end.workflowId === workflowId).map(({ signal }) => signal);
      const record = live(overTheWire(incident), reported, ends);
      expectWithin('prompt', renderPrompt(incident, soFarOf(record, 0)));
      const hook = hooks.find(({ uid }) => uid === incident.hook.uid);
      if (hook !== undefined) expectReportable(rowOf(workflowId, incident, memoOf(incident, record)), hook);
    }
  }
  return occurred.map(({ incident }) => incident.type);
}

/** Of one story: those of hundreds of containers are alike. */
const mostExamined = 40;

describe('objects of any kind, in several versions, with Events and edits of Hooks among them', () => {
  it('end as executions, status and Events that are bounded, inert, and taken by the next one, and nothing throws', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(story, async (steps) => {
        const { occurred, resolved, failures } = await playOut(steps);
        expect(failures).toEqual([]);
        for (const type of await expectGood(occurred, resolved)) seen.add(type);
      }),
      { numRuns: 200 },
    );
    for (const type of IncidentType.options) expect(seen).toContain(type);
  });
});
