/**
 * Whether something is still what it was, without keeping it: keys and tokens are compared by it.
 */
import { createHash } from 'node:crypto';

/** Equal for what is equal as JSON. */
export function fingerprint(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(content) ?? '')
    .digest('hex');
}
