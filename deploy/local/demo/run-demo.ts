/**
 * Makes trouble, shows what happened to each incident, and checks that nothing is lost or doubled.
 *
 * Only for a cluster that the demo started itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import { assertRunning, quoteLog } from '../servers/assert-running.ts';
import { createApprover } from './incidents/approve-pauses.ts';
import { checkSnapshot } from './incidents/check-snapshot.ts';
import { describeIncident, type Paint } from './incidents/describe-incident.ts';
import { demoNamespace, makeTrouble, troubles } from './incidents/make-trouble.ts';
import {
  asksOf,
  isAnswerExpected,
  isSettled,
  isWaiting,
  readSnapshot,
  type Snapshot,
} from './incidents/read-snapshot.ts';
import type { LocalSystem } from './system/open-system.ts';

interface Showing {
  /** When the user gave the command. */
  startedMs: number;
  print: (text: string) => void;
  paint: Paint;
  signal: AbortSignal;
}

/** From trouble to a stand-in's answer it takes a few seconds; a machine under load gets more, and so do models. */
const patienceMs = { standIn: 120_000, own: 600_000 };
const lookEveryMs = 200;
/** For the status of Hooks, which shows fewer incidents where some are over already. */
const statusMs = 15_000;
/** A second execution or ask comes late: the watcher sends what it saw since once a second. */
const settleMs = 2_000;

/** Resolves with the exit code; rejects when the user wants to end, or when a server has ended. */
export async function runDemo(system: LocalSystem, showing: Showing): Promise<number> {
  const { print, signal } = showing;
  await makeTrouble(system.cluster.kubectl);
  print('\nTrouble was made: an OOM kill, a crash loop, a Pod that cannot be scheduled\n');
  const untilMs = Date.now() + (system.standIn === undefined ? patienceMs.own : patienceMs.standIn);
  const shown = await showIncidents(system, showing, untilMs);
  if (shown === troubles.length) await delay(settleMs, undefined, { signal });
  await showHooks(system, showing);
  return showResult(await readSnapshot(system), system, showing);
}

/** Describes each incident as soon as it is settled; resolves with how many there were. */
async function showIncidents(system: LocalSystem, showing: Showing, untilMs: number): Promise<number> {
  const { print, paint, startedMs, signal } = showing;
  const shown = new Set<string>();
  const lookAtPauses = createApprover(system, print);
  while (shown.size < troubles.length && Date.now() < untilMs) {
    await assertRunning(system.servers);
    const snapshot = await readSnapshot(system);
    const { executions, asks = [] } = snapshot;
    await lookAtPauses(executions);
    for (const execution of executions) {
      if (shown.has(execution.workflowId) || !isSettled(execution, snapshot, system)) continue;
      const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
      if (shown.size === 0) print(`The first incident was handled ${seconds} s after the command.\n`);
      shown.add(execution.workflowId);
      const trouble = troubles.find(({ type, pod }) => type === execution.type && pod === execution.pod);
      const { uiUrl, client } = system;
      const { namespace } = client.options;
      print(describeIncident(execution, { trouble, asks: asksOf(execution, asks), uiUrl, namespace, paint }));
    }
    await delay(lookEveryMs, undefined, { signal });
  }
  return shown.size;
}

/** The status of Hooks follows Temporal within a second or two. */
async function showHooks({ cluster: { kubectl } }: LocalSystem, { print, signal }: Showing): Promise<void> {
  const untilMs = Date.now() + statusMs;
  const active = () => kubectl(['get', 'hooks', '-n', demoNamespace, '-o', 'jsonpath={.items[*].status.active}']);
  const sum = (text: string) => text.split(' ').reduce((total, part) => total + Number(part), 0);
  while (sum(await active()) < troubles.length && Date.now() < untilMs) {
    await delay(lookEveryMs, undefined, { signal });
  }
  print(`$ kubectl get hooks -n ${demoNamespace}\n${await kubectl(['get', 'hooks', '-n', demoNamespace])}`);
}

async function showResult(snapshot: Snapshot, system: LocalSystem, { print, paint }: Showing): Promise<number> {
  const problems = checkSnapshot(snapshot, troubles, system);
  if (problems.length === 0) {
    print(paint('green', `✓ ${sumUp(snapshot)}`));
    return 0;
  }
  for (const problem of problems) print(paint('red', `✗ ${inertLine(problem, 4096)}`));
  for (const server of system.productServers) print(`\n${await quoteLog(server)}`);
  return 1;
}

/** Claims no more than was checked: a Kagent of the user's does not say how often it was asked. */
function sumUp(snapshot: Snapshot): string {
  const { executions, asks } = snapshot;
  const once = asks === undefined ? '' : ' exactly once';
  const waits = executions.filter(isWaiting).length;
  const all = waits === 0 ? ', and each was answered' : `; ${waits} wait(s) for your answer`;
  const answered = executions.every((execution) => isAnswerExpected(execution, snapshot)) ? all : '';
  return `${executions.length} incidents, each reached its agent${once}${answered}.`;
}
