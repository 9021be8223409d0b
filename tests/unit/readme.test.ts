import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { aHookObject } from '../make.ts';
import { configurationRows, incidentRows, reasonRows, valueRows } from '../readme-tables.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const lines = readme.split('\n');
const HookDocument = z.object({
  kind: z.literal('Hook'),
  spec: z.object({ eventConfigurations: z.array(z.unknown()) }),
});

describe('the tables of the README are those of the code', () => {
  it.each([
    ['configuration', '| variable |', configurationRows],
    ['incident types', '| incident type |', incidentRows],
    ['reasons', '| reason |', reasonRows],
    ['prompt values', '| value |', valueRows],
  ])('%s', (_, head, rows) => {
    const start = lines.findIndex((line) => line.startsWith(head));
    expect(start, `a table that begins with ${head}`).toBeGreaterThan(0);
    const rest = lines.slice(start + 2);
    expect(
      rest.slice(
        0,
        rest.findIndex((line) => !line.startsWith('|')),
      ),
    ).toEqual(rows());
  });
});

it('every file that the README names is there', () => {
  const named = [
    ...readme.matchAll(/`((?:workflows|activities|workers|watcher|deploy|tests)\/[\w./-]+\.(?:ts|yaml|json))`/g),
  ];
  expect(named.length).toBeGreaterThan(8);
  expect(
    named.map(([, path = '']) => path).filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url))),
  ).toEqual([]);
});

it('a Hook stands before line 20', () => {
  expect(lines.findIndex((line) => line.includes('kind: Hook'))).toBeLessThan(20);
});

it('every Hook that the README shows is one that the watcher acts upon as a whole', () => {
  const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  const configurations = blocks.flatMap((text) => {
    const parsed: unknown = parse(text);
    const hook = HookDocument.safeParse(parsed);
    return hook.success ? hook.data.spec.eventConfigurations : z.array(z.unknown()).parse(parsed);
  });
  expect(configurations.length).toBeGreaterThan(1);
  for (const configuration of configurations) {
    const hook = readHook(aHookObject({ eventConfigurations: [configuration] }), { isWide: () => true });
    expect(hook?.problems).toEqual([]);
    expect(hook?.configurations).toHaveLength(1);
  }
});
