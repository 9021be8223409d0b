/**
 * What must hold of everything that is made of an incident: small enough for whoever takes it, inert, and of the expected shape.
 *
 * Used by property tests of whatever may come in. The limits have names, so that a failure says what grew.
 */
import { defaultDataConverter } from '@temporalio/common/lib/converter/data-converter.js';
import proto from '@temporalio/proto';
import { expect } from 'vitest';
import type { LiveHook } from '../../watcher/hooks/live-hook.ts';
import { eventsOf, nothingReported } from '../../watcher/recorder/events-of.ts';
import { eventNameOf, kubeEventOf } from '../../watcher/recorder/kube-event.ts';
import type { ExecutionRow } from '../../watcher/reporting/executions.ts';
import { isSameStatus, statusOf } from '../../watcher/reporting/hook-status.ts';
import { encodeRequest } from '../../watcher/starting/start-request.ts';
import { isCarried } from '../../workflows/checks/check-carried.ts';
import { isIncident, isResolved, readOccurrences } from '../../workflows/checks/check-input.ts';
import { HookStatus } from '../../workflows/contract/hook-status.ts';
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { currentDetails, nextStep } from '../../workflows/current-details.ts';
import {
  addTransition,
  beginRecord,
  type IncidentRecord,
  takeOccurrence,
  takeResolved,
  transition,
} from '../../workflows/record/incident-record.ts';
import { memoOf } from '../../workflows/record/memo-of.ts';
import { expectInertMarkdown, expectNoControls } from '../hostile-text.ts';
import { noon } from '../make.ts';
import type { HandedOver } from './a-whole-way.ts';

/** Bytes of what is made of one object, and of one execution; each is far below what its taker takes. */
const limits = {
  workflowId: 255,
  searchAttribute: 255 + 2, // with the quotes of JSON
  incident: 24_000,
  firstMemo: 8_000,
  /** Temporal takes 400. */
  summary: 200,
  /** Temporal takes 20 000. */
  startDetails: 16_000,
  memo: 60_000,
  /** Of what anybody may signal. Temporal takes 2 MiB. */
  memoOfAnything: 1_000_000,
  currentDetails: 100_000,
  prompt: 8_000,
  eventNote: 1024,
  /** Of all of one row. */
  statusRow: 8_000,
} as const;
type Artefact = keyof typeof limits;

export function expectWithin(artefact: Artefact, text: string | Uint8Array | null | undefined): void {
  expect(Buffer.byteLength(text ?? ''), artefact).toBeLessThanOrEqual(limits[artefact]);
}

export const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The execution, from its input to its end, as far as it is made of pure functions. */
export function live(input: unknown, shown: readonly HandedOver[], ends: readonly ResolvedSignal[]): IncidentRecord {
  if (!isIncident(input)) throw new Error(`The execution does not take ${JSON.stringify(input).slice(0, 2000)}`);
  const record = beginRecord(input, 'run', noon);
  const occurrences = shown.map(({ incident }) => incident.occurrence);
  const read = readOccurrences(overTheWire({ occurrences }));
  expect(read.dropped).toBe(0);
  for (const occurrence of read.occurrences) takeOccurrence(record, occurrence, noon);
  expectShown(input, record);
  for (const end of ends.map(overTheWire)) {
    if (!isResolved(end)) throw new Error('The execution does not take the end.');
    takeResolved(record, end, noon);
  }
  addTransition(record, transition('resolved', noon, record.resolved?.message));
  expectShown(input, record);
  return record;
}

export function expectShown(incident: Incident, record: IncidentRecord, memoLimit: Artefact = 'memo'): void {
  const details = currentDetails(incident, record, nextStep(incident, record, noon));
  expectWithin('currentDetails', details);
  expectInertMarkdown(details);
  const memo = overTheWire(memoOf(incident, record));
  expectWithin(memoLimit, JSON.stringify(memo));
  expect(IncidentMemo.safeParse(memo).error).toBeUndefined();
  expect(isCarried(overTheWire(record))).toBe(true);
}

export async function expectStartable(workflowId: string, incident: Incident): Promise<void> {
  expectWithin('workflowId', workflowId);
  expectNoControls(workflowId);
  expectWithin('incident', JSON.stringify(incident));
  const sender = { namespace: 'default', identity: 'watcher', loadedDataConverter: defaultDataConverter };
  const request = await encodeRequest(sender, { workflowId, requestId: 'r', incident });
  for (const { data } of Object.values(request.searchAttributes.indexedFields)) expectWithin('searchAttribute', data);
  for (const { data } of Object.values(request.memo.fields)) expectWithin('firstMemo', data);
  const summary = textOf(request.userMetadata?.summary);
  const details = textOf(request.userMetadata?.details);
  expectWithin('summary', summary);
  expectWithin('startDetails', details);
  for (const text of [summary, details]) expectInertMarkdown(text);
  const { StartWorkflowExecutionRequest } = proto.temporal.api.workflowservice.v1;
  expect(StartWorkflowExecutionRequest.decode(StartWorkflowExecutionRequest.encode(request).finish()).workflowId).toBe(
    workflowId,
  );
}

function textOf(payload: { data?: Uint8Array | null } | null | undefined): string {
  return String(JSON.parse(Buffer.from(payload?.data ?? []).toString() || '""'));
}

export function rowOf(workflowId: string, incident: Incident, memo: IncidentMemo): ExecutionRow {
  const { type, subject, agent } = incident;
  return {
    workflowId,
    runId: 'run',
    hookUid: incident.hook.uid,
    isOpen: true,
    startedMs: noon,
    closedMs: undefined,
    eventType: type,
    resourceName: subject.name,
    resourceNamespace: subject.namespace,
    agent: `${agent.namespace}/${agent.name}`,
    state: 'resolved',
    memo,
  };
}

export function expectReportable(row: ExecutionRow, hook: LiveHook): void {
  const agents = { reachable: undefined, of: () => undefined, readinessOf: () => undefined };
  const status = statusOf(hook, [row], { nowMs: noon, agents });
  expect(HookStatus.safeParse(status).error).toBeUndefined();
  expect(isSameStatus(HookStatus.parse(overTheWire(status)), status)).toBe(true);
  expectWithin('statusRow', JSON.stringify(status.activeEvents));
  for (const news of eventsOf(row, hook, { reported: nothingReported, nowMs: noon })) {
    const { note, metadata } = kubeEventOf(news, 'watcher');
    expectWithin('eventNote', note);
    expectNoControls(note);
    expect(note).not.toContain('\n');
    expect(metadata.name).toBe(eventNameOf(news));
    expect(metadata.name).toMatch(/^[a-z0-9][-a-z0-9.]{0,252}$/);
  }
}
