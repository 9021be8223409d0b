/** Every place where foreign text is shown: it shows its characters, and nothing of it steers the page or the terminal. */
import { describe, expect, it } from 'vitest';
import { describeIncident } from '../../deploy/local/demo/incidents/describe-incident.ts';
import { printJson, printText, terminalLine } from '../../watcher/dry-run/print.ts';
import { eventsOf, nothingReported } from '../../watcher/recorder/events-of.ts';
import { kubeEventOf } from '../../watcher/recorder/kube-event.ts';
import type { ExecutionRow } from '../../watcher/reporting/executions.ts';
import { statusOf } from '../../watcher/reporting/hook-status.ts';
import { linkInto } from '../../watcher/reporting/web-ui-link.ts';
import { detailsOf, summaryOf } from '../../watcher/starting/start-request.ts';
import type { AgentRun, RunEnding, RunPause } from '../../workflows/contract/agent-run.ts';
import type { Incident, Occurrence } from '../../workflows/contract/incident.ts';
import type { IncidentMemo } from '../../workflows/contract/outcome.ts';
import type { Reply } from '../../workflows/contract/plain/answer.ts';
import { currentDetails, nextStep } from '../../workflows/current-details.ts';
import { beginRecord, type IncidentRecord, takeOccurrence } from '../../workflows/record/incident-record.ts';
import { takeAnswer } from '../../workflows/record/record-run.ts';
import { decidedHere } from '../../workflows/waiting/waiting.ts';
import { expectInertMarkdown, expectNoControls, hostileTexts } from '../hostile-text.ts';
import { aHook, aMemo, anIncident, anOccurrence, at, noon } from '../make.ts';
import { anExecution, aRequest } from './an-execution.ts';

function aHostileOccurrence(evil: string): Occurrence {
  const owners = [{ kind: evil, name: evil }];
  const texts = { id: evil, member: evil, objectName: evil, reason: evil, message: evil, nodeName: evil, cause: evil };
  return anOccurrence({ ...texts, container: evil, image: evil, owners, evidence: [evil, evil] });
}

function aHostileIncident(evil: string): Incident {
  const named = { namespace: evil, name: evil };
  return anIncident({
    cluster: { uid: evil, name: evil },
    hook: { ...named, uid: evil, generation: 1 },
    agent: named,
    subject: { ...named, kind: evil, uid: evil },
    group: { ...named, kind: evil, uid: evil },
    container: evil,
    owner: { kind: evil, name: evil },
    occurrence: aHostileOccurrence(evil),
  });
}

/** What an execution may know, one for each thing that its details can say. */
function records(evil: string, incident: Incident): IncidentRecord[] {
  const run: AgentRun = { executionId: evil, message: evil, estimatedDuration: evil, protocol: 'a2a', link: evil };
  const begin = (over: Partial<IncidentRecord> = {}) => ({ ...beginRecord(incident, 'run', noon), ...over });
  const ended: RunEnding = { outcome: 'AgentRunFailed', answer: evil, why: evil };
  const many = begin();
  takeOccurrence(many, { ...aHostileOccurrence(evil), id: 'x', member: 'y', objectName: `${evil}2`, order: 2 }, noon);
  const asked = begin();
  takeAnswer(asked, run, noon);
  const pause: RunPause = {
    id: evil,
    kind: 'approval',
    message: evil,
    decidable: 'each',
    tools: [evil, `${evil}2`].map((id) => ({ id, name: evil, arguments: evil, isCut: true })),
    questions: [{ question: evil, choices: [evil], multiple: true }],
  };
  const waiting = { sinceMs: noon, untilMs: noon + 1000 };
  const verdicts = [{ id: evil, verdict: 'reject' as const, reason: evil }];
  const reply: Reply = { pauseId: evil, verdicts, by: evil, why: evil, cause: 'person', atMs: noon };
  const decided = (['person', 'auto-approve', 'timeout', 'elsewhere'] as const).map((cause) => ({
    ...decidedHere(pause, reply),
    cause,
  }));
  return [
    many,
    asked,
    begin({ failure: evil }),
    begin({ request: { method: evil, path: evil, body: evil } }),
    begin({ agentRun: run, ending: ended, endedMs: noon }),
    begin({ agentRun: run, pause, waiting, decided, resolved: { atMs: noon, message: evil } }),
    begin({ agentRun: run, pause, waiting, reply }),
    begin({ firstSeen: evil, lastSeen: evil, count: 2 }),
  ];
}

const shown = [
  'delivering',
  'asked',
  'awaiting-approval',
  'awaiting-answer',
  'answered',
  'run-failed',
  'redelivering',
  'failed',
  'resolved',
  'cancelled',
] as const;

function aHostileMemo(evil: string): IncidentMemo {
  const words = { subjectKind: evil, agentRun: evil, agentRunLink: evil, outcome: evil, answer: evil, failure: evil };
  const waiting = {
    pause: evil,
    kind: 'approval' as const,
    message: evil,
    decidable: 'each' as const,
    since: evil,
    until: evil,
    onTimeout: 'reject' as const,
    answeredBy: evil,
    over: evil,
    tools: [{ id: evil, name: evil, arguments: evil }],
    questions: [{ question: evil, choices: [evil], multiple: false }],
  };
  return aMemo({ ...words, waiting, transitions: shown.map((state) => ({ state, at: at(11), note: evil })) });
}

function aHostileRow(evil: string, over: Partial<ExecutionRow> = {}): ExecutionRow {
  const words = { workflowId: evil, runId: evil, eventType: evil, resourceName: evil, resourceNamespace: evil };
  const times = { isOpen: true, startedMs: noon, closedMs: undefined };
  return { ...words, ...times, hookUid: 'hook-uid', agent: evil, state: evil, memo: aHostileMemo(evil), ...over };
}

it.each([
  '[x](http://evil.example)',
  '`` x\n`` a`[x](http://evil.example) ``',
  '`a` ``[x](http://evil.example)`',
  '`code\n\n[x](http://evil.example)`',
  '![x](x)',
  '<img>',
  '# Heading',
  'a\rb',
  '\u202e',
])('the checker of these tests sees %j', (markdown) => {
  expect(() => expectInertMarkdown(markdown)).toThrow();
});

describe.each(hostileTexts)('%s', (_, evil) => {
  const incident = aHostileIncident(evil);

  it('is inert in the details of an execution, at each of its steps', () => {
    for (const record of records(evil, incident)) {
      for (const nature of ['edge', 'state'] as const) {
        const one = { ...incident, nature };
        expectInertMarkdown(currentDetails(one, record, nextStep(one, record, noon)));
      }
    }
  });

  it('is inert in the summary and the details that an execution is started with', () => {
    const { group: _group, ...alone } = incident;
    for (const one of [incident, alone]) {
      expectInertMarkdown(summaryOf(one));
      expect(Buffer.byteLength(summaryOf(one))).toBeLessThanOrEqual(200);
      expect(summaryOf(one)).not.toContain('\n');
      expectInertMarkdown(detailsOf(one));
    }
  });

  it('is inert in Kubernetes Events, on one line', () => {
    const terminated = aHostileRow(evil, { isOpen: false, state: 'terminated', closedMs: noon });
    const news = [aHostileRow(evil), terminated].flatMap((row) =>
      eventsOf(row, aHook(), { reported: nothingReported, nowMs: noon }),
    );
    expect(news.length).toBeGreaterThan(8);
    for (const one of news) {
      const { note } = kubeEventOf(one, 'watcher');
      expectNoControls(note);
      expect(note).not.toContain('\n');
    }
  });

  it('is inert in the status of a Hook, which kubectl describe shows', () => {
    const verdict = { status: 'False' as const, reason: 'AgentNotFound', message: evil };
    const linkTo = linkInto('https://ui.example', 'default');
    for (const expressionFailure of [undefined, evil]) {
      for (const hook of [aHook(), { ...aHook(), problems: [{ reason: 'InvalidSpec' as const, message: evil }] }]) {
        const agents = { reachable: verdict, of: () => verdict, readinessOf: () => verdict };
        const status = statusOf(hook, [aHostileRow(evil)], { nowMs: noon, agents, expressionFailure, linkTo });
        for (const text of textsOf(status)) expectNoControls(text);
      }
    }
  });

  it('is inert on the terminal of detect, also as JSON, which stays the same JSON', () => {
    const names = { incidentType: evil, kind: evil, namespace: evil, name: evil, uid: evil, container: evil };
    const more = { members: [evil, evil], cause: evil, confidence: evil, hooks: [evil], occurrences: 2, prompts: [] };
    const found = { ...names, ...more, firstSeen: evil, lastSeen: evil };
    const played = { incidents: [found], notFired: [{ what: evil, hook: evil, reason: evil, message: evil }] };
    expectNoControls(printText(played));
    expect(printText(played).split('\n')).toHaveLength(9);
    const prompts = [{ hook: evil, agent: evil, prompt: evil }];
    const showing = { incidents: [{ ...found, prompts }], notFired: [] };
    expectNoControls(printText(showing) + printJson(showing));
    for (const line of printText(showing).trimEnd().split('\n').slice(7)) expect(line).toMatch(/^ {4}\|/);
    expectNoControls(printJson(played));
    expect(JSON.parse(printJson(played))).toEqual(found);
    expectNoControls(terminalLine(evil));
  });

  it('is inert on the terminal of the demo', () => {
    const execution = anExecution({
      workflowId: evil,
      runId: evil,
      type: evil,
      pod: evil,
      hook: evil,
      agent: evil,
      state: evil,
      memo: { ...aHostileMemo(evil), firstSeen: evil, lastSeen: evil },
    });
    const asks = [aRequest({ how: evil, answered: evil, prompt: evil })];
    const surroundings = { trouble: undefined, asks, uiUrl: 'http://ui', namespace: 'default' };
    expectNoControls(describeIncident(execution, { ...surroundings, paint: (_how, text) => text }));
  });
});

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
