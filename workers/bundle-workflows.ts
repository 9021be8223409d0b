/**
 * Makes the workflow bundles of a production build, beside the compiled code: a plain one, and one that hides the messages
 * of failures in payloads, for workers with encryption keys.
 *
 * Run by `npm run build`, with the same SDK version that runs it. Refuses a bundle with a schema library in it: a value
 * import where a type was meant would double its size and put parsing into workflow code.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { failureConverterPath } from '../codec/data-converter.ts';

const dist = new URL('../dist/', import.meta.url);

async function bundle(name: string, over: Partial<BundleOptions> = {}): Promise<void> {
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN'), ...over });
  if (code.includes('node_modules/zod/'))
    throw new Error('The workflow bundle contains zod; import the contract as types only.');
  await writeFile(new URL(name, dist), code);
  console.log(`dist/${name}: ${Math.round(code.length / 1024)} KiB`);
}

await mkdir(dist, { recursive: true });
await bundle('workflow-bundle.js');
await bundle('workflow-bundle-encrypting.js', { failureConverterPath });
