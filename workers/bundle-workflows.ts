/**
 * Makes the workflow bundles of a production build, beside the compiled code: a plain one, and one that hides the messages
 * of failures in payloads, for workers with encryption keys.
 *
 * Run by `npm run build`, with the same SDK version that runs it, into `dist` or the folder that is named. Refuses a bundle
 * with a schema library in it: a value import where a type was meant would double its size and put parsing into workflow code.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { failureConverterPath } from '../codec/data-converter.ts';

const [folder = fileURLToPath(new URL('../dist', import.meta.url))] = process.argv.slice(2);

async function bundle(name: string, over: Partial<BundleOptions> = {}): Promise<void> {
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN'), ...over });
  if (code.includes('node_modules/zod/'))
    throw new Error('The workflow bundle contains zod; import the contract as types only.');
  await writeFile(join(folder, name), code);
  console.log(`${name}: ${Math.round(code.length / 1024)} KiB`);
}

await mkdir(folder, { recursive: true });
await bundle('workflow-bundle.js');
await bundle('workflow-bundle-encrypting.js', { failureConverterPath });
