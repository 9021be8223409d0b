/**
 * Recordings made from public reports of people who run Kubernetes, played as `npm run detect` plays them: each type fires as
 * often as `must` says, and what `never` names does not fire at all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { play } from '../../watcher/dry-run/play.ts';
import { hooksForEveryType } from '../../watcher/dry-run/read-hooks-file.ts';
import { readRecording } from '../../watcher/dry-run/read-recording.ts';
import { IncidentType } from '../../workflows/contract/hook.ts';

const FieldCase = z.strictObject({
  id: z.string(),
  /** The report, or the source or page of Kubernetes that says it. */
  source: z.string().min(1),
  why: z.string().min(1),
  expect: z.strictObject({
    must: z.partialRecord(IncidentType, z.number().int().positive()),
    never: z.array(IncidentType),
    /** Whether another answer could be defended. */
    debatable: z.boolean().optional(),
  }),
  stream: z.array(z.unknown()).min(1),
});
type FieldCase = z.infer<typeof FieldCase>;

/** What is not mended yet. A case that passes has to leave this list. */
const failing: ReadonlySet<string> = new Set([
  '04-evicted-ephemeral-status-unknown',
  '07-restart-without-last-state',
  '10-gate-removed-then-starts',
  '17-static-pod-liveness-kill',
  '28-start-error-loop',
]);

const folder = new URL('../samples/field-cases/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
const read = (name: string) => readFileSync(new URL(`${name}.json`, folder), 'utf8');

describe('cases from the field', () => {
  it.each(names)('%s says what is expected of it, under its own name', (name) => {
    const { id, expect: wanted } = FieldCase.parse(JSON.parse(read(name)));
    expect(id).toBe(name);
    expect(wanted.never.filter((type) => type in wanted.must)).toEqual([]);
    expect(Object.keys(wanted.must).length + wanted.never.length).toBeGreaterThan(0);
  });

  for (const name of names) {
    const check = failing.has(name) ? it.fails : it;
    check(`${name} fires what it must, and nothing that it must not`, () => {
      const fired = firedBy(read(name));
      const { must, never } = FieldCase.parse(JSON.parse(read(name))).expect;
      expect(countsOf(fired, Object.keys(must))).toEqual(must);
      expect(fired.filter((type) => never.some((unwanted) => unwanted === type))).toEqual([]);
    });
  }

  it('leaves nobody on the list of what fails who is not there', () => {
    expect([...failing].filter((name) => !names.includes(name))).toEqual([]);
  });
});

/** The type of each incident, each type standing alone, with its defaults. */
function firedBy(text: string): string[] {
  const { incidents } = play(readRecording('field case', text, 0), { hooks: hooksForEveryType(), namesHooks: false });
  return incidents.map(({ incidentType }) => incidentType);
}

function countsOf(fired: readonly string[], types: readonly string[]): FieldCase['expect']['must'] {
  const counts = types.map((type) => [type, fired.filter((each) => each === type).length]);
  return z.partialRecord(IncidentType, z.number()).parse(Object.fromEntries(counts));
}
