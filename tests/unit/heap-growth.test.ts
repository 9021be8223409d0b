/** The limit is a flag of V8, which a new Node may have renamed: V8 then only prints a line and goes on without it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('V8 takes the flag by which heaps are kept small', async () => {
  const module = new URL('../../runtime/heap-growth.ts', import.meta.url).href;
  const script = `const { limitHeapGrowth } = await import('${module}'); limitHeapGrowth();`;
  const options = ['--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, options);
  expect([stdout, stderr]).toEqual(['', '']);
});
