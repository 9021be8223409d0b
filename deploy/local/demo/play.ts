/**
 * The play: makes trouble, tells what became of each incident, and judges.
 *
 * Called by start.ts, only for a cluster that the demo started itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import { answerAsked } from './answer-asked.ts';
import { demoNamespace, makeTrouble, troubles } from './make-trouble.ts';
import { type Account, asksOf, isAnswerWanted, isSettled, isWaiting, readAccount } from './read-account.ts';
import type { Stage } from './stage.ts';
import { type Paint, tellStory } from './tell-story.ts';
import { objections } from './verdict.ts';
import { assertRunning, lastWords } from './watch-servers.ts';

export interface Performance {
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
/** What comes too much comes late: the watcher hands over what it saw since once a second. */
const settleMs = 2_000;

/** Resolves with the exit code; rejects when the user wants to end, or when a server has ended. */
export async function play(stage: Stage, performance: Performance): Promise<number> {
  const { print, signal } = performance;
  await makeTrouble(stage.kubectl);
  print('\nTrouble was made: an OOM kill, a crash loop, a Pod that cannot be scheduled\n');
  const untilMs = Date.now() + (stage.standIn === undefined ? patienceMs.own : patienceMs.standIn);
  const told = await tellAll(stage, performance, untilMs);
  if (told === troubles.length) await delay(settleMs, undefined, { signal });
  await showHooks(stage, performance);
  return judge(await readAccount(stage), stage, performance);
}

/** Tells each story as soon as it can be told; resolves with how many there were. */
async function tellAll(stage: Stage, performance: Performance, untilMs: number): Promise<number> {
  const { print, paint, startedMs, signal } = performance;
  const told = new Set<string>();
  const answering = answerAsked(stage, print);
  while (told.size < troubles.length && Date.now() < untilMs) {
    await assertRunning(stage.servers);
    const account = await readAccount(stage);
    const { chapters, asks = [] } = account;
    await answering.look(chapters);
    for (const chapter of chapters.filter((one) => isSettled(one, account, stage) && !told.has(one.workflowId))) {
      if (told.size === 0) print(`The first incident was handled ${seconds(startedMs)} s after the command.\n`);
      told.add(chapter.workflowId);
      const trouble = troubles.find(({ type, pod }) => type === chapter.type && pod === chapter.pod);
      const { namespace } = stage.client.options;
      print(tellStory(chapter, { trouble, asks: asksOf(chapter, asks), uiUrl: stage.uiUrl, namespace, paint }));
    }
    await delay(lookEveryMs, undefined, { signal });
  }
  return told.size;
}

/** The status of Hooks follows Temporal within a second or two. */
async function showHooks({ kubectl }: Stage, { print, signal }: Performance): Promise<void> {
  const untilMs = Date.now() + statusMs;
  const active = () => kubectl(['get', 'hooks', '-n', demoNamespace, '-o', 'jsonpath={.items[*].status.active}']);
  const sum = (text: string) => text.split(' ').reduce((total, part) => total + Number(part), 0);
  while (sum(await active()) < troubles.length && Date.now() < untilMs) {
    await delay(lookEveryMs, undefined, { signal });
  }
  print(`$ kubectl get hooks -n ${demoNamespace}\n${await kubectl(['get', 'hooks', '-n', demoNamespace])}`);
}

async function judge(account: Account, stage: Stage, { print, paint }: Performance): Promise<number> {
  const problems = objections(account, troubles, stage);
  if (problems.length === 0) {
    print(paint('green', `✓ ${praise(account)}`));
    return 0;
  }
  for (const problem of problems) print(paint('red', `✗ ${inertLine(problem, 4096)}`));
  for (const product of stage.products) print(`\n${await lastWords(product)}`);
  return 1;
}

/** No more than was looked at: a Kagent of the user's does not tell how often it was asked. */
function praise(account: Account): string {
  const { chapters, asks } = account;
  const once = asks === undefined ? '' : ' exactly once';
  const waits = chapters.filter(isWaiting).length;
  const all = waits === 0 ? ', and each was answered' : `; ${waits} wait(s) for your answer`;
  const answered = chapters.every((chapter) => isAnswerWanted(chapter, account)) ? all : '';
  return `${chapters.length} incidents, each reached its agent${once}${answered}.`;
}

function seconds(sinceMs: number): string {
  return ((Date.now() - sinceMs) / 1000).toFixed(1);
}
