/** The health of a watcher as scenarios need it: whether all is well, and the message of each check. */
import { z } from 'zod';
import type { ProductServer } from '../../deploy/local/start-product.ts';
import { waitFor } from '../wait-for.ts';

const Health = z.object({
  status: z.enum(['ok', 'failing']),
  wrong: z.array(z.string()),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })),
});
type Health = z.infer<typeof Health>;

async function readHealth({ url }: ProductServer): Promise<Health> {
  return Health.parse(await (await fetch(`${url}/readyz`)).json());
}

/** Fails where the watcher says that something is wrong. */
export async function expectWell(watcher: ProductServer): Promise<void> {
  const { wrong } = await readHealth(watcher);
  if (wrong.length > 0) throw new Error(`The watcher says: ${wrong.join('; ')}`);
}

/** Resolves when each of the loops has succeeded after this moment. */
export async function untilLoopsSucceed(watcher: ProductServer, names: readonly string[], afterMs: number) {
  const successOf = (message: string) => Date.parse(/^last succeeded at (\S+?)(;|$)/.exec(message)?.[1] ?? '');
  await waitFor(`${names.join(', ')} to succeed again`, async () => {
    const { checks } = await readHealth(watcher);
    return names.every((loop) => checks.some(({ name, message }) => name === loop && successOf(message) > afterMs));
  });
}

/** Resolves when the watcher says that it is not ready, and that each of the loops fails. */
export async function untilReportedFailing(watcher: ProductServer, names: readonly string[]): Promise<void> {
  await waitFor(`health to report ${names.join(', ')}`, async () => {
    const { status, checks } = await readHealth(watcher);
    const isReported = (loop: string) =>
      checks.some(({ name, message }) => name === loop && message.includes('it failed with'));
    return status === 'failing' && names.every(isReported);
  });
}
