/**
 * Replays one recorded run on a bundle of workflows, and finds the first event at which the code does something else.
 *
 * Called by main, and by tests with other bundles. Runs no activity and talks to no server.
 */
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { checkReadable, findBreak } from './check-history.ts';
import { UnreadableError } from './exit-codes.ts';
import { essenceOf, explain } from './explain.ts';
import { attributesOf, endOf, type RecordedEvent, type RecordedRun, titleOf } from './history.ts';

/** A replay takes a tenth of a second; where the SDK's threads have died it would take for ever. */
const patienceMs = 120_000;

export interface Verdict {
  source: string;
  workflowType: string;
  runId: string;
  events: number;
  /** Missing while the run goes on. */
  ends?: string;
  differs?: Difference;
}

interface Difference {
  eventId: number;
  eventType: string;
  /** The type, with what the event is about. */
  event: string;
  /** What the code does instead, or why no code would make this event. */
  instead: string;
  /** What the SDK said. */
  detail?: string;
}

/** Throws an UnreadableError. */
export async function replayRun(run: RecordedRun, bundle: () => Promise<WorkflowBundleOption>): Promise<Verdict> {
  checkReadable(run);
  const { source, events } = run;
  const { workflowType, originalExecutionRunId } = attributesOf(events[0]);
  const ends = endOf(events);
  const differs = await firstDifference(run, bundle);
  return {
    source,
    workflowType: workflowType?.name ?? '',
    runId: originalExecutionRunId ?? '',
    events: events.length,
    ...(ends !== undefined && { ends }),
    ...(differs !== undefined && { differs }),
  };
}

async function firstDifference(
  { source, events }: RecordedRun,
  bundle: () => Promise<WorkflowBundleOption>,
): Promise<Difference | undefined> {
  const broken = findBreak(events);
  // What stands before the break may differ too, and then that is the first.
  const whole = events.slice(0, broken?.index);
  // Without a workflow task no code has run yet, and the SDK would wait for one.
  if (whole.some(({ eventType }) => eventType === 'WorkflowTaskStarted')) {
    const found = await bisect(whole, await bundle(), source);
    if (found !== undefined) return found;
  }
  const event = broken === undefined ? undefined : events[broken.index];
  return broken === undefined || event === undefined ? undefined : differenceAt(event, broken.reason);
}

/** The shortest beginning that does not replay ends with the event at which the code differs: the SDK does not always name it. */
async function bisect(
  events: readonly RecordedEvent[],
  workflowBundle: WorkflowBundleOption,
  source: string,
): Promise<Difference | undefined> {
  const tryFirst = (count: number) => failureOf(events.slice(0, count), { workflowBundle, source });
  let failure = await tryFirst(events.length);
  if (failure === undefined) return undefined;
  let replays = 1 + events.findIndex(({ eventType }) => eventType === 'WorkflowTaskScheduled');
  let fails = events.length;
  while (fails - replays > 1) {
    const middle = Math.floor((replays + fails) / 2);
    const found = await tryFirst(middle);
    if (found === undefined) replays = middle;
    else [fails, failure] = [middle, found];
  }
  const event = events[fails - 1];
  return event === undefined ? undefined : differenceAt(event, explain(failure), essenceOf(failure));
}

/** What the SDK says against these events; undefined where they replay. */
async function failureOf(
  events: readonly RecordedEvent[],
  { workflowBundle, source }: { workflowBundle: WorkflowBundleOption; source: string },
): Promise<string | undefined> {
  const { workflowId = source } = attributesOf(events[0]);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(silent(source)), patienceMs);
  try {
    await Promise.race([Worker.runReplayHistory({ workflowBundle }, { events }, workflowId), late.promise]);
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

function silent(source: string): UnreadableError {
  return new UnreadableError(
    `The history of ${source} was given to the SDK, which has not answered for ${patienceMs / 1000} s; wanted a history as Temporal wrote it.`,
  );
}

function differenceAt(event: RecordedEvent, instead: string, detail?: string): Difference {
  return {
    eventId: Number(event.eventId),
    eventType: event.eventType,
    event: titleOf(event),
    instead,
    ...(detail !== undefined && { detail }),
  };
}
