/**
 * An incident as its Hook would start it now: with today's agent, prompt, approvals and times, and with what happened as it was.
 *
 * Pure; undefined where the Hook has no such configuration any more.
 */
import type { Incident } from '../../workflows/contract/incident.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import { askOf, type Installation } from '../starting/incident-of.ts';

export function renew(incident: Incident, hook: LiveHook, installation: Installation): Incident | undefined {
  const key = incident.configuration ?? incident.type;
  const configuration = hook.configurations.find((candidate) => candidate.key === key);
  if (configuration === undefined || configuration.type !== incident.type) return undefined;
  const { mode: _mode, approval: _approval, ...rest } = incident;
  return {
    ...rest,
    hook: { ...incident.hook, generation: hook.generation },
    ...askOf(installation, configuration),
  };
}
