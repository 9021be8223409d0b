/**
 * Whether an object is there, by its uid: one of the same name with another uid is another object.
 *
 * Asks the API server each time.
 */
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';
import { uidOf } from '../kube/uid-of.ts';

export async function isThere(api: ApiServer, path: readonly string[], uid: string): Promise<boolean> {
  try {
    return uidOf(await api.json({ path: pathOf(...path) })) === uid;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}
