/**
 * What a search for an engine needs, and what each of its steps knows. Types only.
 */
import type { Progress } from '../progress.ts';
import type { Reaper } from '../register-with-reaper.ts';
import type { LocalSettings } from '../settings.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { Network } from './network.ts';
import type { ReleaseBases } from './releases.ts';

/** A path, or the reason why this step has none. An error thrown by a step ends the search. */
export type StepResult = { path: string } | { objection: string };

export interface ResolveOptions {
  settings: LocalSettings;
  progress: Progress;
  /** Ends a running build when this process dies. */
  reaper?: Reaper;
  /** Remembers hosts that did not answer; share one over several calls. */
  network?: Network;
  releases?: ReleaseBases;
  /** Folder with the pinned Go modules. */
  modulesFolder?: string;
}

/** What every step of one search knows. */
export interface Search extends Required<Omit<ResolveOptions, 'reaper'>> {
  facts: EngineFacts;
  reaper: Reaper | undefined;
}
