/**
 * The specification of the Kagent API, sentence by sentence and command by command, with what shows that each holds.
 *
 * In the order of the document, which is not part of this repository. Checked by specification.test.ts; the tests of the
 * examples and commands take what they send and run from here, so that it is what is printed.
 */
import { agentRows } from './specification/agents.ts';
import { calling } from './specification/calling.ts';
import { failing } from './specification/failing.ts';
import { operating } from './specification/operating.ts';
import type { Row } from './specification/row.ts';
import { troubleshooting } from './specification/troubleshooting.ts';

export const specification: readonly Row[] = [...calling, ...agentRows, ...failing, ...operating, ...troubleshooting];

/** The one quote that holds these words; of a command the comments are left out. */
export function quoteWith(words: string): string {
  const found = specification.filter(({ sentence }) => sentence.includes(words));
  const [row] = found;
  if (row === undefined || found.length > 1) throw new Error(`${found.length} quotes hold ${JSON.stringify(words)}.`);
  return row.sentence.replaceAll(/^#.*\n/gm, '');
}
