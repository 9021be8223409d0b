/**
 * Streams the events of a run to one caller, in either dialect.
 *
 * Going away does no harm to the run.
 */
import { randomUUID } from 'node:crypto';
import { type Dialect, writeEvent, writeTask } from './dialects.ts';
import { RpcFailure, writeFailure } from './failures.ts';
import type { LiveRun, Signal } from './live-run.ts';
import type { Release } from './options.ts';
import type { Id } from './read-call.ts';
import type { Sink, StreamReply } from './reply.ts';
import type { RunEvent, Task } from './task.ts';

const tooLate = 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';

export interface Subscription {
  run: LiveRun;
  id: Id;
  dialect: Dialect;
  release: Release;
  /** What comes first: what has happened so far, nothing, or the task. */
  begin: 'first-status' | 'nothing' | 'task';
  callLimitMs: number | undefined;
}

/** One piece of a stream. */
export function writeLine(release: Release, id: Id, outcome: { result: unknown } | { error: unknown }): string {
  const data = `data: ${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n\n`;
  if (release !== '0.8.6') return `id: ${randomUUID()}\n${data}`;
  const isArtifact = data.includes('"kind":"artifact-update"');
  return `event: task_${isArtifact ? 'artifact' : 'status'}_update\n${data}`;
}

export function streamRun(subscription: Subscription): StreamReply {
  const { run, begin, callLimitMs } = subscription;
  const started = begin === 'task' ? structuredClone(run.task) : run.first;
  return {
    kind: 'stream',
    open(sink) {
      const listener = (signal: Signal): void => passOnSignal(subscription, sink, signal);
      const limit =
        callLimitMs === undefined
          ? undefined
          : setTimeout(() => passOnSignal(subscription, sink, 'late'), callLimitMs).unref();
      writeStart(subscription, sink, started);
      if (run.ending === undefined) run.listeners.add(listener);
      else listener(run.ending);
      return () => {
        clearTimeout(limit);
        run.listeners.delete(listener);
      };
    },
  };
}

function writeStart({ begin, run, id, dialect, release }: Subscription, sink: Sink, task: Task): void {
  if (begin === 'nothing') return;
  const status: RunEvent = { kind: 'status', status: task.status, isFinal: false };
  const result = begin === 'task' ? { task: writeTask(task, dialect) } : writeEvent(status, run.task, dialect);
  sink.write(writeLine(release, id, { result }));
}

function passOnSignal({ run, id, dialect, release, begin }: Subscription, sink: Sink, signal: Signal | 'late'): void {
  if (signal === 'over') return sink.end();
  if (signal === 'lost' || signal === 'late') {
    const failure = new RpcFailure(-32603, `SSE stream error: ${signal === 'lost' ? 'unexpected EOF' : tooLate}`);
    if (release !== '0.8.6') sink.write(writeLine(release, id, { error: writeFailure(failure) }));
    return sink.end();
  }
  // Python was never seen to send the end of a run to those who came later.
  const isHidden =
    begin === 'nothing' && run.scene.agent.runtime === 'python' && signal.kind === 'status' && signal.isFinal;
  if (!isHidden) sink.write(writeLine(release, id, { result: writeEvent(signal, run.task, dialect) }));
}
