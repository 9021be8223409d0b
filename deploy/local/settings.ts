/**
 * Settings of the local engines, read from the environment once.
 *
 * The only file under deploy/local that reads the environment.
 */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { EngineName } from './versions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where engines are looked for and kept. */
export type LocalSettings = ReturnType<typeof readSettings>;

/** Name of the variable that sets the path of an engine. */
export function variableOf(name: EngineName): string {
  return `KAGENT_HOOKS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Reads the settings; `environment` is a parameter for tests only. */
export function readSettings(environment: Environment = process.env) {
  // The XDG rule: a relative XDG_CACHE_HOME is invalid and is ignored.
  const xdgHome = environment['XDG_CACHE_HOME'] ?? '';
  const cacheHome = isAbsolute(xdgHome) ? xdgHome : join(homedir(), '.cache');
  return {
    /** Folder of this product in the user's cache; engines and data of runs live below it. */
    cacheFolder: join(cacheHome, 'kagent-hooks'),
    /** The whole environment, for programs that need it (the Go tool chain reads some thirty variables). */
    environment,
  };
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
