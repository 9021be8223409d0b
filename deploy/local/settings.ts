/**
 * Settings of the local engines, read from the environment once.
 *
 * The only file under deploy/local that reads the environment.
 */
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { type EngineName, engineVersions } from './versions.ts';

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

/** Name of the variable that sets the path of an engine. */
export function variableOf(name: EngineName): string {
  return `KAGENT_HOOKS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Reads the settings; `environment` is a parameter for tests only. */
export function readSettings(environment: Environment = process.env): LocalSettings {
  // The XDG rule: a relative XDG_CACHE_HOME is invalid and is ignored.
  const xdgHome = environment['XDG_CACHE_HOME'] ?? '';
  const cacheHome = isAbsolute(xdgHome) ? xdgHome : join(homedir(), '.cache');
  return {
    enginePaths: readEnginePaths(environment),
    cacheFolder: join(cacheHome, 'kagent-hooks'),
    searchPath: (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder)),
    environment,
  };
}

/** A variable of blanks counts as unset; a relative path is seen from the working directory. */
function readEnginePaths(environment: Environment): Partial<Record<EngineName, string>> {
  const paths: Partial<Record<EngineName, string>> = {};
  let name: EngineName;
  for (name in engineVersions) {
    const path = environment[variableOf(name)];
    if (path !== undefined && path.trim() !== '') paths[name] = resolve(path);
  }
  return paths;
}

/** The variables that are set and whose name fits. */
export function pickVariables(
  { environment }: Pick<LocalSettings, 'environment'>,
  fits: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value !== undefined && fits(name) ? [[name, value]] : [])),
  );
}
