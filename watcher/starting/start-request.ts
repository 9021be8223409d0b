/**
 * The request that starts an execution, with a request id of our own.
 *
 * Written against Temporal's gRPC service, because the client's own `start` makes up a random request id, and with it two
 * watchers, or a lost answer, could start twice. Never decides whether to start.
 */
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import proto from '@temporalio/proto';
import {
  encodeMapToPayloads,
  encodeToPayloads,
  encodeUnifiedSearchAttributes,
  encodeUserMetadata,
} from '../../runtime/temporal-private.ts';
import type { Incident, StartedIncident } from '../../workflows/contract/incident.ts';
import type { IncidentMemo, IncidentState } from '../../workflows/contract/outcome.ts';
import {
  asQuote,
  codeSpan,
  inertCode,
  inertLine,
  nameLimit,
  ownerOf,
  pathOf,
  timeOf,
} from '../../workflows/contract/plain/inert-text.ts';
import {
  fairnessKeyLimitBytes,
  handleIncidentType,
  keywordLimitBytes,
  type SearchAttributeName,
  taskQueue,
} from '../../workflows/contract/plain/names.ts';
import { cutToBytes } from './identity.ts';

const firstState: IncidentState = 'delivering';

interface StartRequest {
  workflowId: string;
  requestId: string;
  /** One that follows a closed run is a successor; otherwise any earlier run refuses the start. */
  incident: StartedIncident;
}

/** Resolves with the new run, or the run that an equal request started before, which may have closed since. */
export async function startExecution(client: Client, request: StartRequest) {
  const response = await client.workflowService.startWorkflowExecution(await encodeRequest(client.options, request));
  const { WORKFLOW_EXECUTION_STATUS_UNSPECIFIED: unknown, WORKFLOW_EXECUTION_STATUS_RUNNING: running } =
    proto.temporal.api.enums.v1.WorkflowExecutionStatus;
  return { runId: response.runId, isOpen: response.status === unknown || response.status === running };
}

/** What goes over the wire. */
export async function encodeRequest(
  {
    namespace,
    identity,
    loadedDataConverter: converter,
  }: Pick<Client['options'], 'namespace' | 'identity' | 'loadedDataConverter'>,
  { workflowId, requestId, incident }: StartRequest,
) {
  const { WorkflowIdReusePolicy: Reuse, WorkflowIdConflictPolicy: Conflict } = proto.temporal.api.enums.v1;
  return {
    namespace,
    identity,
    requestId,
    workflowId,
    workflowType: { name: handleIncidentType },
    taskQueue: { name: taskQueue(incident.installation) },
    input: { payloads: (await encodeToPayloads(converter, incident)) ?? [] },
    workflowIdReusePolicy:
      incident.follows === undefined
        ? Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
        : Reuse.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
    memo: { fields: await encodeMapToPayloads(converter, { incident: firstMemo(incident) }) },
    searchAttributes: { indexedFields: encodeUnifiedSearchAttributes(undefined, searchAttributesOf(incident)) },
    userMetadata: (await encodeUserMetadata(converter, summaryOf(incident), detailsOf(incident))) ?? null,
    // Of what waits for a worker, namespaces take turns; activities and the runs that follow this one inherit the key.
    priority: { fairnessKey: cutToBytes(incident.hook.namespace, fairnessKeyLimitBytes) },
  };
}

function firstMemo({ cluster, hook, subject, nature, container, occurrence, follows }: Incident): IncidentMemo {
  return {
    clusterUid: cluster.uid,
    hookUid: hook.uid,
    hookGeneration: hook.generation,
    subjectUid: subject.uid,
    subjectKind: subject.kind,
    nature,
    ...(container !== undefined && { container }),
    firstSeen: occurrence.at,
    lastSeen: occurrence.at,
    count: occurrence.times,
    received: follows === undefined ? 1 + (occurrence.merged ?? 0) : 0,
    known: { [occurrence.member]: { id: occurrence.id, order: occurrence.order, name: occurrence.objectName } },
    transitions: [{ state: firstState, at: occurrence.at }],
  };
}

function searchAttributesOf(incident: Incident) {
  const { installation, hook, type, subject, agent } = incident;
  const keywords: [SearchAttributeName, string][] = [
    ['Installation', installation],
    ['Hook', hook.name],
    ['HookNamespace', hook.namespace],
    ['IncidentType', type],
    ['ResourceNamespace', subject.namespace],
    ['ResourceName', subject.name],
    ['Agent', `${agent.namespace}/${agent.name}`],
    ['IncidentState', firstState],
  ];
  // StateChangedAt is the workflow's to write: a time of our own clock would lead those astray who read by Temporal's.
  return keywords.map(([name, value]) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value: cutToBytes(value, keywordLimitBytes),
  }));
}

/** Shown in Temporal's lists; at most 200 bytes. Markdown too, so that it is one code span. */
export function summaryOf({ type, subject, group, container, agent }: Incident): string {
  const { namespace, name } = group ?? subject;
  const where = container === undefined ? '' : ` (${container})`;
  const place = namespace === '' ? name : `${namespace}/${name}`;
  const line = inertLine(`${type}: ${place}${where} → ${agent.namespace}/${agent.name}`, 200).replaceAll('`', "'");
  return codeSpan(cutToBytes(line, 196));
}

/** Markdown, shown at the top of the execution. Text from the cluster stands in code spans. */
export function detailsOf({ hook, type, subject, owner, occurrence, cluster }: Incident): string {
  const reason = inertCode(occurrence.reason, nameLimit);
  return [
    `**${type}** on ${inertCode(subject.kind, nameLimit)} ${pathOf(subject)} at ${timeOf(occurrence.at)}: ${reason}`,
    '',
    asQuote(occurrence.message),
    '',
    `- Hook ${pathOf(hook)} (generation ${hook.generation})`,
    ...(owner === undefined ? [] : [`- Owner ${ownerOf(owner)}`]),
    ...(cluster.name === undefined ? [] : [`- Cluster ${inertCode(cluster.name, nameLimit)}`]),
  ].join('\n');
}
