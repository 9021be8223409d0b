/**
 * Settings of the local engines: the environment, read and checked once.
 *
 * The only file under deploy/local that reads the environment. A new setting is one line in `Variables` and one in
 * `readSettings`.
 */
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { EngineName } from './versions.ts';

/** An empty variable counts as unset, as it does for most programs. */
const Text = z
  .string()
  .transform((text) => (text.trim() === '' ? undefined : text))
  .optional();

/** Path of a program; a relative one is seen from the working directory. */
const ProgramPath = Text.transform((path) => (path === undefined ? undefined : resolve(path)));

const Variables = z.object({
  KAGENT_HOOKS_TEMPORAL: ProgramPath,
  KAGENT_HOOKS_ETCD: ProgramPath,
  KAGENT_HOOKS_KUBE_APISERVER: ProgramPath,
  KAGENT_HOOKS_KUBE_CONTROLLER_MANAGER: ProgramPath,
  KAGENT_HOOKS_KUBE_SCHEDULER: ProgramPath,
  KAGENT_HOOKS_KUBECTL: ProgramPath,
  KAGENT_HOOKS_HELM: ProgramPath,
  XDG_CACHE_HOME: Text,
  PATH: Text,
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Where engines are looked for and kept. */
export interface LocalSettings {
  /** Paths that were set explicitly; one that is set and unusable is an error, never a reason to look elsewhere. */
  enginePaths: Readonly<Partial<Record<EngineName, string>>>;
  /** Folder of this product in the user's cache; engines and data of runs live below it. */
  cacheFolder: string;
  /** Folders of PATH, in order. */
  searchPath: readonly string[];
  /** The whole environment, for programs that need it (the Go tool chain reads some thirty variables). */
  environment: Environment;
}

/** Name of the variable that sets the path of an engine, for messages. */
export function variableOf(name: EngineName): string {
  return `KAGENT_HOOKS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Reads the settings; `environment` is a parameter for tests only. */
export function readSettings(environment: Environment = process.env): LocalSettings {
  const variables = Variables.parse(environment);
  return {
    enginePaths: withoutUnset({
      temporal: variables.KAGENT_HOOKS_TEMPORAL,
      etcd: variables.KAGENT_HOOKS_ETCD,
      'kube-apiserver': variables.KAGENT_HOOKS_KUBE_APISERVER,
      'kube-controller-manager': variables.KAGENT_HOOKS_KUBE_CONTROLLER_MANAGER,
      'kube-scheduler': variables.KAGENT_HOOKS_KUBE_SCHEDULER,
      kubectl: variables.KAGENT_HOOKS_KUBECTL,
      helm: variables.KAGENT_HOOKS_HELM,
    }),
    cacheFolder: join(cacheHome(variables.XDG_CACHE_HOME), 'kagent-hooks'),
    searchPath: (variables.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder)),
    environment,
  };
}

/** The XDG rule: a relative XDG_CACHE_HOME is invalid and is ignored. */
function cacheHome(expected: string | undefined): string {
  return expected !== undefined && isAbsolute(expected) ? expected : join(homedir(), '.cache');
}

function withoutUnset(paths: Record<EngineName, string | undefined>): Partial<Record<EngineName, string>> {
  const set: Partial<Record<EngineName, string>> = {};
  let name: EngineName;
  for (name in paths) {
    const path = paths[name];
    if (path !== undefined) set[name] = path;
  }
  return set;
}
