import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { readDocumentation, readPages } from '../documentation.ts';
import { configurationRows, endingRows, incidentRows, reasonRows, valueRows } from '../documented-tables.ts';
import { aHookObject } from '../make.ts';

const documentation = readDocumentation();
const lines = documentation.split('\n');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').split('\n');
const HookDocument = z.object({
  kind: z.literal('Hook'),
  spec: z.object({ eventConfigurations: z.array(z.unknown()) }),
});

describe('the tables of the documentation are those of the code', () => {
  it.each([
    ['configuration', '| variable |', configurationRows],
    ['incident types', '| incident type |', incidentRows],
    ['reasons', '| reason |', reasonRows],
    ['endings of occurrences', '| ending |', endingRows],
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

it('every file that the documentation names is there', () => {
  const named = [
    ...documentation.matchAll(/`((?:workflows|activities|workers|watcher|deploy|tests)\/[\w./-]+\.(?:ts|yaml|json))`/g),
  ];
  expect(named.length).toBeGreaterThan(8);
  expect(
    named.map(([, path = '']) => path).filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url))),
  ).toEqual([]);
});

it('the README is read in two minutes: at most 150 lines of at most 200 characters', () => {
  expect(readme.length).toBeLessThanOrEqual(151);
  expect(readme.filter((line) => line.length > 200 && !line.startsWith('|'))).toEqual([]);
});

it('every link from one page to another leads to a page and a heading that are there', () => {
  const anchors = new Map(readPages().map(({ path, text }) => [path, anchorsOf(text)]));
  const links = readPages().flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, file = '', anchor]) => {
      const target = file === '' ? path : join(dirname(path), file);
      return { path, target, anchor };
    }),
  );
  expect(links.length).toBeGreaterThan(15);
  const broken = links.filter(({ target, anchor }) => {
    if (!existsSync(new URL(`../../${target}`, import.meta.url))) return true;
    return anchor !== undefined && anchors.get(target)?.has(anchor) !== true;
  });
  expect(broken).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const titles = [...text.matchAll(/^#{1,4} (.*)$/gm)].map(([, title = '']) => title);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

it('a Hook stands before line 20', () => {
  expect(readme.findIndex((line) => line.includes('kind: Hook'))).toBeLessThan(20);
});

it('every Hook that the documentation shows is one that the watcher acts upon as a whole', () => {
  const blocks = [...documentation.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
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
