/** Heaps are kept small by flags of V8, which a new Node may have renamed: V8 then only prints a line and goes on without them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each(['limitHeapGrowth', 'giveBackFreePages'])('V8 takes the flag of %s', async (name) => {
  const module = new URL('../../runtime/heap-growth.ts', import.meta.url).href;
  const script = `const { ${name} } = await import('${module}'); ${name}();`;
  const options = ['--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, options);
  expect([stdout, stderr]).toEqual(['', '']);
});
