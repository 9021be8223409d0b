/**
 * The first prompt that an agent would get about an incident, written from its Hook as the worker writes it.
 *
 * Pure; asks no agent, and knows no cluster's name.
 */
import type { Timing } from '../../workflows/contract/incident.ts';
import { writeFirstPrompt } from '../../workflows/contract/prompt.ts';
import type { Claim } from '../matching/match.ts';
import { type Installation, incidentOf } from '../starting/incident-of.ts';

export interface FirstPrompt {
  /** NAMESPACE/NAME of the Hook, and of the agent. */
  hook: string;
  agent: string;
  /** As the first ask would send it; where it cannot be written, why. */
  prompt: string;
}

/** No prompt says anything of it. */
const timing: Timing = { quietWindowMs: 1, redeliveryFirstMs: 1, redeliveryMaxMs: 1, redeliveryLimitMs: 0 };
const nowhere: Installation = { name: 'dry-run', cluster: { uid: '' }, timing };

export function firstPrompt(claim: Claim, clockMs: number): FirstPrompt {
  const { hook } = claim.listener;
  const incident = incidentOf(nowhere, claim);
  const written = writeFirstPrompt(incident, clockMs);
  return {
    hook: `${hook.namespace}/${hook.name}`,
    agent: `${incident.agent.namespace}/${incident.agent.name}`,
    prompt: written.ok
      ? written.text
      : written.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`).join(' '),
  };
}
