/**
 * Finds the program of an engine: explicit setting, PATH, own cache, official release, own build.
 *
 * The first step that has the engine wins; when none has, the error says why for each.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { variableOf } from '../settings.ts';
import type { EngineName } from '../versions.ts';
import { buildEngine } from './build-engine.ts';
import { objectToVersion } from './check-version.ts';
import { downloadEngine } from './download-engine.ts';
import { cachedPath } from './engine-cache.ts';
import { factsOf } from './engine-facts.ts';
import { createNetwork } from './network.ts';
import { officialReleases } from './releases.ts';
import { findFitting, isExecutableFile, runProgram } from './run-program.ts';
import type { ResolveOptions, Search, StepResult } from './search.ts';

/** In this order: what the user named, what the machine has, what was fetched before, then fetching, then building. */
const steps: readonly ((search: Search) => Promise<StepResult>)[] = [
  fromSetting,
  ({ facts, settings }) => findFitting(facts, settings),
  fromCache,
  (search) => attempt(downloadEngine, search),
  (search) => attempt(buildEngine, search),
];

/** Paths of the servers and of kubectl, found one after another: each build uses all cores already. */
export async function resolveEngines(options: ResolveOptions): Promise<Record<Exclude<EngineName, 'helm'>, string>> {
  const shared = { network: createNetwork(), ...options };
  return {
    temporal: await resolveEngine('temporal', shared),
    etcd: await resolveEngine('etcd', shared),
    'kube-apiserver': await resolveEngine('kube-apiserver', shared),
    'kube-controller-manager': await resolveEngine('kube-controller-manager', shared),
    'kube-scheduler': await resolveEngine('kube-scheduler', shared),
    kubectl: await resolveEngine('kubectl', shared),
  };
}

/** Path of one engine; rejects with the objections of all steps when none has it. */
export async function resolveEngine(name: EngineName, options: ResolveOptions): Promise<string> {
  const search: Search = {
    network: createNetwork(),
    releases: officialReleases,
    modulesFolder: fileURLToPath(new URL('../modules', import.meta.url)),
    reaper: undefined,
    ...options,
    facts: factsOf(name),
  };
  const objections: string[] = [];
  for (const step of steps) {
    const result = await step(search);
    if ('path' in result) return result.path;
    objections.push(result.objection);
  }
  throw new Error(`${name} ${search.facts.version} could not be found, fetched or built. ${objections.join(' ')}`);
}

async function fromSetting({ facts, settings, progress }: Search): Promise<StepResult> {
  const variable = variableOf(facts.name);
  const named = settings.environment[variable] ?? '';
  if (named.trim() === '') return { objection: `${variable} is not set.` };
  const path = resolve(named);
  if (!(await isExecutableFile(path))) throw new Error(`${variable} is "${path}", which is not an executable file.`);
  const printed = await runProgram(path, facts.versionArgs, settings).catch((error: unknown) => {
    throw new Error(`${variable} is "${path}", which did not answer "${facts.versionArgs.join(' ')}".`, {
      cause: error,
    });
  });
  const objection = objectToVersion(printed, facts.version, facts.fits);
  // Who names a program has a reason: another version is used, and reported.
  if (objection !== undefined) progress.detail(`${variable} is used although ${objection}`);
  return { path };
}

async function fromCache({ facts, settings }: Search): Promise<StepResult> {
  const path = cachedPath(facts, settings);
  return (await isExecutableFile(path)) ? { path } : { objection: `${path} is not there yet.` };
}

async function attempt(make: (search: Search) => Promise<string>, search: Search): Promise<StepResult> {
  try {
    return { path: await make(search) };
  } catch (error) {
    const objection = error instanceof Error ? error.message : String(error);
    search.progress.detail(objection);
    return { objection };
  }
}
