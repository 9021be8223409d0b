/**
 * Where objects of a kind are listed and watched: in the whole cluster, or namespace by namespace.
 *
 * Pure.
 */
import { pathOf } from '../kube/path-of.ts';

/** A path of the API server that is listed and watched. */
export interface Collection {
  /** For people: `pods`, or `pods (shop)`. */
  name: string;
  /** `/api/v1/pods`, or `/api/v1/namespaces/shop/pods`. */
  path: string;
}

/** `path` is that of the whole cluster; `namespaces` undefined: there. */
export function collectionsOf(kind: Collection, namespaces: readonly string[] | undefined): Collection[] {
  if (namespaces === undefined) return [kind];
  const slash = kind.path.lastIndexOf('/');
  const [group, collection] = [kind.path.slice(0, slash), kind.path.slice(slash)];
  return namespaces.map((namespace) => ({
    name: `${kind.name} (${namespace})`,
    path: `${group}${pathOf('namespaces', namespace)}${collection}`,
  }));
}
