/** The activity renderPrompt: which fact of an incident fills which name, and how a refusal looks to the workflow. */
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { renderPrompt as renderWith } from '../../activities/render-prompt.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { soFarOfFirst } from '../../workflows/contract/plain/so-far.ts';
import { promptValueNames } from '../../workflows/contract/prompt.ts';

const renderPrompt = (incident: Incident) => renderWith(incident, soFarOfFirst(incident, '2026-01-02T03:05:00Z'));

function anIncident(changes: Partial<Incident>): Incident {
  return {
    installation: 'i1',
    cluster: { uid: 'c-uid', name: 'east' },
    hook: { namespace: 'shop', name: 'checkout', uid: 'h-uid', generation: 2 },
    type: 'oom-kill',
    nature: 'edge',
    agent: { namespace: 'kagent', name: 'memory-analyzer' },
    prompt: '',
    subject: { kind: 'Pod', namespace: 'shop-ns', name: 'web-1', uid: 'p-uid' },
    container: 'app',
    owner: { kind: 'Deployment', name: 'web' },
    occurrence: {
      id: 'o1',
      member: 'p-uid/app',
      objectName: 'web-0',
      order: 4,
      reason: 'OOMKilled',
      message: 'Container app ran out of memory',
      at: '2026-01-02T03:04:05Z',
      times: 1,
      exitCode: 137,
      restartCount: 4,
      nodeName: 'node-7',
    },
    timing: { quietWindowMs: 1, redeliveryFirstMs: 1, redeliveryMaxMs: 1, redeliveryLimitMs: 1 },
    ...changes,
  };
}

function failureOf(incident: Incident): ApplicationFailure {
  try {
    renderPrompt(incident);
  } catch (error) {
    if (error instanceof ApplicationFailure) return error;
    throw error;
  }
  throw new Error('The prompt was rendered.');
}

test('each name is filled from its own fact of the incident', () => {
  const prompt = Object.keys(promptValueNames)
    .map((name) => `${name}={{.${name}}}`)
    .join('\n');
  expect(renderPrompt(anIncident({ prompt })).split('\n')).toEqual([
    'EventType=oom-kill',
    'ResourceName=web-1',
    'Namespace=shop-ns',
    'Reason=OOMKilled',
    'Message=Container app ran out of memory',
    'Timestamp=2026-01-02T03:04:05Z',
    'EventTime=2026-01-02T03:04:05Z',
    'EventMessage=Container app ran out of memory',
    'Container=app',
    'ExitCode=137',
    'RestartCount=4',
    'OwnerKind=Deployment',
    'OwnerName=web',
    'NodeName=node-7',
    'HookName=checkout',
    'Cluster=east',
    'ResourceKind=Pod',
    'FirstSeen=2026-01-02T03:04:05Z',
    'LastSeen=2026-01-02T03:04:05Z',
    'Count=1',
    'AskedAt=2026-01-02T03:05:00Z',
    'Evidence=',
    'MoreMembers=',
  ]);
});

test('facts that an incident does not have are empty and false', () => {
  const {
    container: _,
    owner: __,
    ...incident
  } = anIncident({
    cluster: { uid: 'c-uid' },
    prompt:
      '[{{.Container}}{{.ExitCode}}{{.RestartCount}}{{.OwnerKind}}{{.OwnerName}}{{.NodeName}}{{.Cluster}}]{{#if .Container}}bad{{/if}}',
  });
  const { exitCode: ___, restartCount: ____, nodeName: _____, ...occurrence } = incident.occurrence;
  expect(renderPrompt({ ...incident, occurrence })).toBe('[]');
});

test('a message from the cluster is never read as a template', () => {
  const incident = anIncident({ prompt: 'It said: {{.EventMessage}}' });
  const message = '{{.HookName}} {{#each .}}{{end}} {{{';
  expect(renderPrompt({ ...incident, occurrence: { ...incident.occurrence, message } })).toBe(`It said: ${message}`);
});

test('a template that cannot be read fails for good, naming Hook, line and column', () => {
  const failure = failureOf(anIncident({ prompt: 'Pod\n {{.Pod}}' }));
  expect(failure).toMatchObject({ type: 'PromptRefused', nonRetryable: true });
  expect(failure.message).toMatch(
    /^Hook "shop\/checkout", prompt for oom-kill: line 2, column 4: There is no value Pod\./,
  );
});

test('a template that takes too much to fill fails for good, naming Hook, line and column', () => {
  const loops = '{{#each .}}{{#with ..}}'.repeat(6) + '{{/with}}{{/each}}'.repeat(6);
  const failure = failureOf(anIncident({ prompt: loops }));
  expect(failure).toMatchObject({ type: 'PromptRefused', nonRetryable: true });
  expect(failure.message).toMatch(
    /^Hook "shop\/checkout", prompt for oom-kill: line 1, column \d+: The prompt takes more/,
  );
});
