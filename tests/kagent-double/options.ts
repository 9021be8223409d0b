/**
 * What a test may say about the Kagent that it wants: its release, its agents, who may ask.
 *
 * Read by every part of the double; `start-kagent-double.ts` hands it on.
 */
import type { AsksForChange } from './ask-for-change.ts';
export const releases = ['0.8.6', '0.9.12', '0.10', '1.0'] as const;
export type Release = (typeof releases)[number];
/** `byo` agents keep their own tasks and may answer with a Message. */
export type Runtime = 'go' | 'python' | 'byo';

export interface DoubleAgent {
  namespace: string;
  name: string;
  runtime?: Runtime;
  /** Of its Deployment; with several, a call may reach another process than the one that runs the task. */
  replicas?: number;
  accepted?: boolean;
  deploymentReady?: boolean;
}

export type Auth = { mode: 'trusted-proxy' } | { mode: 'bearer'; key: string };

export interface KagentDoubleOptions {
  /** `0.10` by default. */
  release?: Release;
  /** 0 or left out: any free port. */
  port?: number;
  /** `kagent/memory-analyzer` and `kagent/incident-responder` by default. */
  agents?: readonly DoubleAgent[];
  /** Any agent exists, made when it is first asked for. */
  anyAgent?: boolean;
  /** `bearer`: an ingress in front that wants exactly this key. */
  auth?: Auth;
  /** How long a run takes that does not say it itself; 50 by default. */
  runMs?: number;
  /** How long a Python agent leaves a task `submitted`; 5 by default. */
  submittedMs?: number;
  /** How long a blocking call or a stream may take; the release's own limit by default. */
  callLimitMs?: number;
  /** For how long after a start `/health` is 200 while agents are not found; 0 by default. */
  startWindowMs?: number;
  answer?: (prompt: string) => string;
  /** Agents ask for approvals also where prompts do not say it; they do not where left out. */
  asks?: AsksForChange;
  /** Serves HTTPS with this key and certificate (PEM). */
  tls?: { key: string; cert: string };
}

export function defaultRuntime(release: Release): Runtime {
  return release === '0.10' || release === '1.0' ? 'go' : 'python';
}

/** Milliseconds; none on 0.10 and later. */
export function defaultCallLimit(release: Release): number | undefined {
  if (release === '0.9.12') return 180_000;
  return release === '0.8.6' ? 600_000 : undefined;
}

/** Whether tasks are shown to their own user only. */
export function isScoped(release: Release): boolean {
  return release === '0.10' || release === '1.0';
}
