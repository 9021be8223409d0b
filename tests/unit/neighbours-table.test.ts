/** The table of what one namespace can cost another has a row for each scenario that measures it, with a figure it allows. */
import { expect, it } from 'vitest';
import { readDocumentation } from '../documentation.ts';
import { foreignEventScenarios } from '../faults/scenarios/foreign-events.ts';
import { hostileScenarios } from '../faults/scenarios/hostile-objects.ts';
import { loadScenarios } from '../faults/scenarios/loads.ts';

const head = '| trouble in one namespace |';

it('names every trouble that is staged, and nothing that is not', () => {
  const lines = readDocumentation().split('\n');
  const start = lines.findIndex((line) => line.startsWith(head));
  expect(start, `a table that begins with ${head}`).toBeGreaterThan(0);
  const rest = lines.slice(start + 2);
  const rows = rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
  const staged = [...loadScenarios, ...hostileScenarios, ...foreignEventScenarios].map(({ name }) =>
    name.replace('neighbour of ', ''),
  );
  expect(rows.map(([trouble]) => trouble)).toEqual(staged);
  for (const [, waited = ''] of rows) {
    expect(waited).toMatch(/^\d+\.\d s$/);
    expect(Number.parseFloat(waited)).toBeLessThan(5);
  }
});
