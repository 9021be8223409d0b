/**
 * How far Hooks may look, and which agents they may have asked: what the operator has set, as Hooks are checked against it.
 *
 * Pure.
 */
import { compileGlobs, matchesAny, splitGlobs } from '../../workflows/contract/plain/glob.ts';
import type { WatcherConfig } from '../config.ts';
import { type Floors, usualFloors } from './configuration/floors.ts';

export interface Reach {
  /** Whether Hooks of this namespace may name other namespaces. */
  isWide: (hookNamespace: string) => boolean;
  /** Whether Hooks of this namespace see Nodes and other objects without a namespace. */
  seesNodes: (hookNamespace: string) => boolean;
  /** Whether Hooks may have this agent asked. */
  allowsAgent: (agent: { namespace: string; name: string }) => boolean;
  /** Whether it is its namespace that they may have it asked for: of that name they may not in every other one. */
  isBoundToNamespace: (agent: { namespace: string; name: string }) => boolean;
  /** The namespaces that are watched; undefined: all, and Nodes. */
  watched: readonly string[] | undefined;
  /** The least that they get of the times they may set. */
  floors: Floors;
}

/** Where nobody has set anything, as for Hooks of a file. */
export const ownNamespace: Reach = {
  isWide: () => false,
  seesNodes: () => true,
  allowsAgent: () => true,
  isBoundToNamespace: () => false,
  watched: undefined,
  floors: usualFloors,
};

/** Hooks of the controller's own namespace see Nodes; wider reach is the operator's to give. */
export function reachOf(config: WatcherConfig): Reach {
  const { NAMESPACE: own, WIDE_HOOK_NAMESPACES: wide, AGENTS_ALLOW: allowed, WATCH_NAMESPACES: watched } = config;
  const isWide = (namespace: string) => wide.includes(namespace);
  const isAllowed = compileGlobs(allowed);
  return {
    isWide,
    seesNodes: (namespace) => watched === undefined && (namespace === own || isWide(namespace)),
    allowsAgent: ({ namespace, name }) => isAllowed(`${namespace}/${name}`),
    isBoundToNamespace: ({ name }) => !isAllowedEverywhere(allowed, name),
    watched,
    floors: { quietWindow: config.MIN_QUIET_WINDOW, repeatAfter: config.MIN_REPEAT_AFTER, after: config.MIN_AFTER },
  };
}

/** Whether a name is allowed whatever the namespace: in doubt it is not. */
function isAllowedEverywhere(patterns: readonly string[], name: string): boolean {
  const names = (list: readonly string[]) => list.map((pattern) => pattern.slice(pattern.indexOf('/') + 1));
  const { meant, excluded } = splitGlobs(patterns);
  const ofAllNamespaces = names(meant.filter((pattern) => /^\*+\//.test(pattern)));
  return (meant.length === 0 || matchesAny(ofAllNamespaces, name)) && !matchesAny(names(excluded), name);
}

/** Of an object without a namespace, `namespace` is empty. */
export function isWatched({ watched }: Pick<Reach, 'watched'>, namespace: string): boolean {
  return watched === undefined || watched.includes(namespace);
}
