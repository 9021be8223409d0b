/**
 * The agent of an incident, by its names, and where it may be asked.
 *
 * Travels in the input of an execution and of its activities; holds no address and no key.
 */
import { z } from 'zod';

export const AskedAgent = z.object({
  namespace: z.string(),
  name: z.string(),
  /** AGENTS_ALLOW allows it in this namespace only: a request that does not name the namespace must not be sent. */
  boundToNamespace: z.literal(true).optional(),
});
export type AskedAgent = z.infer<typeof AskedAgent>;
