/**
 * What a test holds of a running double.
 *
 * Made by `start-kagent-double.ts`; the admin endpoints do the same from outside.
 */
import type { RecordedRequest } from '../fake-kagent/record-request.ts';
import type { AgentSideRun } from './live-run.ts';
import type { ScriptStepInput } from './script.ts';

export interface KagentDouble {
  /** Base URL without a slash at the end. */
  url: string;
  /** Every request to the controller, in order of arrival. */
  requests: readonly RecordedRequest[];
  /** Every run that an agent really started, in order. */
  runs: readonly AgentSideRun[];
  /** A kill cuts connections; port, database and agents stay. */
  controller: {
    stop: () => Promise<void>;
    /** For `windowMs` from then on `/health` is 200, but agents are not found. */
    start: (windowMs?: number) => Promise<void>;
  };
  agent: (namespace: string, name: string) => { kill: () => void; start: () => void; remove: () => void };
  database: { down: () => void; up: () => void };
  /** Says what goes wrong with the next requests, instead of what was said before. */
  script: (steps: readonly ScriptStepInput[]) => void;
  stop: () => Promise<void>;
}
