/**
 * Makes the workflow bundle of a production build: `dist/workflow-bundle.js`, beside the compiled code.
 *
 * Run by `npm run build`, with the same SDK version that runs it. Refuses a bundle with a schema library in it: a value
 * import where a type was meant would double its size and put parsing into workflow code.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
  logger: new DefaultLogger('WARN'),
});
if (code.includes('node_modules/zod/'))
  throw new Error('The workflow bundle contains zod; import the contract as types only.');
const dist = new URL('../dist/', import.meta.url);
await mkdir(dist, { recursive: true });
await writeFile(new URL('workflow-bundle.js', dist), code);
console.log(`dist/workflow-bundle.js: ${Math.round(code.length / 1024)} KiB`);
