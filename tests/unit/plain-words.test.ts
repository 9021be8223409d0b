/** Words that say too little of who does what, which the text of the project does without. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folders = ['runtime', 'workflows', 'activities', 'codec', 'workers', 'watcher', 'deploy', 'docs', 'README.md'];
const notOurs = [':!deploy/local/modules'];

/** In place of each: reported, notified, called; decision, result; reason; checked, decided; receives; expected. */
const vague = /\b(told|tells?|telling|verdicts?|matters?|judge[ds]?|judging|hears?|heard|wanted)\b/i;

/** What executions have in their histories by these names: fields of an answer, and the result of delivering one. */
const recorded = /\bverdicts?\b|'not-wanted'/g;

it('is what code, comments, messages and pages are written in', () => {
  const paths = execFileSync('git', ['ls-files', ...folders, ...notOurs], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const found = paths.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, n) => (vague.test(line.replaceAll(recorded, '')) ? [`${path}:${n + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
