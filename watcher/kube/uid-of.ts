/** The uid of a Kubernetes object as received; undefined when it has none. */
import { z } from 'zod';

const WithUid = z.object({ metadata: z.object({ uid: z.string() }) });

export function uidOf(object: unknown): string | undefined {
  const parsed = WithUid.safeParse(object);
  return parsed.success ? parsed.data.metadata.uid : undefined;
}
