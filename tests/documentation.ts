/**
 * The pages that people read: README.md and everything under docs/, for tests that hold code and commands to them.
 *
 * Reads only. A heading is looked for on all pages, so that a sentence may move from one to another.
 */
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

export interface Page {
  /** Below the root of the project, such as docs/hooks.md. */
  path: string;
  text: string;
}

export function readPages(): Page[] {
  const docs = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', ...docs.toSorted().map((name) => `docs/${name}`)];
  return paths.map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
}

/** All pages, one after the other. */
export function readDocumentation(): string {
  return readPages()
    .map(({ text }) => text)
    .join('\n');
}

/** What stands under a heading, down to the next one of any level; undefined without it, or where several are called so. */
export function textUnder(heading: string): string | undefined {
  const found = readPages().flatMap(({ text }) => sectionsOf(text).filter(({ title }) => title === heading));
  const [section] = found;
  return found.length === 1 ? section?.lines.join('\n') : undefined;
}

function sectionsOf(text: string): { title: string; lines: string[] }[] {
  const sections: { title: string; lines: string[] }[] = [];
  let inCode = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) inCode = !inCode;
    const title = inCode ? undefined : /^#{1,4} (.*)$/.exec(line)?.[1];
    if (title === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ title, lines: [] });
  }
  return sections;
}
