/**
 * Recordings made from public reports of people who run Kubernetes, played as `npm run detect` plays them: each type fires as
 * often as `must` says, and what `never` names does not fire at all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DryIncident } from '../../watcher/dry-run/collect-incidents.ts';
import { play } from '../../watcher/dry-run/play.ts';
import { hooksForEveryType } from '../../watcher/dry-run/read-hooks-file.ts';
import { readRecording } from '../../watcher/dry-run/read-recording.ts';
import { type LiveHook, readHook } from '../../watcher/hooks/live-hook.ts';
import { IncidentType } from '../../workflows/contract/hook.ts';
import { aHookObject } from '../make.ts';

const FieldCase = z.strictObject({
  id: z.string(),
  /** The report, or the source or page of Kubernetes that says it. */
  source: z.string().min(1),
  why: z.string().min(1),
  expect: z.strictObject({
    must: z.partialRecord(IncidentType, z.number().int().positive()),
    never: z.array(IncidentType),
    /** What the incidents of a type say, where the case asks for it. */
    says: z
      .partialRecord(
        IncidentType,
        z.strictObject({ cause: z.string().optional(), confidence: z.string().nullable().optional() }),
      )
      .optional(),
    /** How many agent runs one Hook asks for that names every type: one cause, one run. */
    asked: z.number().int().optional(),
    /** Whether another answer could be defended. */
    debatable: z.boolean().optional(),
  }),
  stream: z.array(z.unknown()).min(1),
});
type FieldCase = z.infer<typeof FieldCase>;

const folder = new URL('../samples/field-cases/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
const read = (name: string) => readFileSync(new URL(`${name}.json`, folder), 'utf8');

describe('cases from the field', () => {
  it.each(names)('%s says what is expected of it, under its own name', (name) => {
    const { id, expect: expected } = FieldCase.parse(JSON.parse(read(name)));
    expect(id).toBe(name);
    expect(expected.never.filter((type) => type in expected.must)).toEqual([]);
    expect(Object.keys(expected.must).length + expected.never.length).toBeGreaterThan(0);
  });

  it.each(names)('%s fires what it must, and nothing that it must not', (name) => {
    const incidents = playedTo(hooksForEveryType(), read(name));
    const fired = incidents.map(({ incidentType }) => incidentType);
    const { must, never, says = {}, asked } = FieldCase.parse(JSON.parse(read(name))).expect;
    expect(countsOf(fired, Object.keys(must))).toEqual(must);
    expect(fired.filter((type) => never.some((unwanted) => unwanted === type))).toEqual([]);
    for (const [type, expected] of Object.entries(says)) {
      expect(incidents.find(({ incidentType }) => incidentType === type)).toMatchObject(expected);
    }
    if (asked !== undefined) expect(playedTo([hookForAllTypes()], read(name), true)).toHaveLength(asked);
  });
});

/** Without Hooks of the user each type stands alone. */
function playedTo(hooks: LiveHook[], text: string, namesHooks = false): DryIncident[] {
  return play(readRecording('field case', text, 0), { hooks, namesHooks }).incidents;
}

/** One Hook for every type, each with its defaults, in every namespace. */
function hookForAllTypes(): LiveHook {
  const eventConfigurations = IncidentType.options.map((eventType) => ({
    eventType,
    agentRef: { name: 'none' },
    prompt: '-',
    match: { namespaces: ['*'] },
  }));
  const hook = readHook(aHookObject({ eventConfigurations }), { isWide: () => true });
  if (hook === undefined) throw new Error('This is no Hook.');
  return hook;
}

function countsOf(fired: readonly string[], types: readonly string[]): FieldCase['expect']['must'] {
  const counts = types.map((type) => [type, fired.filter((each) => each === type).length]);
  return z.partialRecord(IncidentType, z.number()).parse(Object.fromEntries(counts));
}
