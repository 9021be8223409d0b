/**
 * An incident as its Hook would start it now: with today's agent, prompt and times, and with what happened as it was.
 *
 * Pure; undefined where the Hook has no such configuration any more.
 */
import type { Incident } from '../../workflows/contract/incident.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import { type Installation, timingOf } from '../starting/incident-of.ts';

export function renew(incident: Incident, hook: LiveHook, { timing }: Installation): Incident | undefined {
  const key = incident.configuration ?? incident.type;
  const configuration = hook.configurations.find((candidate) => candidate.key === key);
  if (configuration === undefined || configuration.type !== incident.type) return undefined;
  const { mode: _, ...rest } = incident;
  return {
    ...rest,
    hook: { ...incident.hook, generation: hook.generation },
    agent: configuration.agent,
    prompt: configuration.prompt,
    ...(configuration.mode === 'observe' && { mode: configuration.mode }),
    timing: timingOf(timing, configuration),
  };
}
