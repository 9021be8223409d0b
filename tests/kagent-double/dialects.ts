/**
 * Writes tasks, messages and events as A2A 0.3 or 1.0 has them, and the tasks of Kagent's own REST endpoints.
 *
 * Knows nothing of HTTP.
 */
import type { Artifact, Message, Part, RunEvent, Task, TaskState } from './task.ts';

export type Dialect = '0.3' | '1.0';

type Written = Record<string, unknown>;

export function writeTask(task: Task, dialect: Dialect, historyLength?: number): Written {
  const history = shortened(task.history ?? [], historyLength);
  return {
    ...(dialect === '0.3' && { kind: 'task' }),
    id: task.id,
    contextId: task.contextId,
    ...(task.artifacts !== undefined && { artifacts: task.artifacts.map((each) => writeArtifact(each, dialect)) }),
    ...(history.length > 0 && { history: history.map((each) => writeMessage(each, dialect)) }),
    ...(task.metadata !== undefined && { metadata: task.metadata }),
    status: writeStatus(task.status, dialect),
  };
}

function shortened(history: readonly Message[], length: number | undefined): readonly Message[] {
  if (length === undefined) return history;
  return length <= 0 ? [] : history.slice(-length);
}

export function writeMessage(message: Message, dialect: Dialect): Written {
  return {
    ...(dialect === '0.3' && { kind: 'message' }),
    ...message,
    role: dialect === '0.3' ? message.role : `ROLE_${message.role.toUpperCase()}`,
    parts: message.parts.map((part) => writePart(part, dialect)),
  };
}

function writePart(part: Part, dialect: Dialect): Written {
  if (dialect === '1.0') return { ...part };
  return { kind: 'text' in part ? 'text' : 'data', ...part };
}

function writeArtifact(artifact: Artifact, dialect: Dialect): Written {
  return { ...artifact, parts: artifact.parts.map((part) => writePart(part, dialect)) };
}

function writeStatus({ state, message, timestamp }: Task['status'], dialect: Dialect): Written {
  return {
    ...(message !== undefined && { message: writeMessage(message, dialect) }),
    state: dialect === '0.3' ? state : stateOfOne(state),
    ...(timestamp !== undefined && { timestamp }),
  };
}

function stateOfOne(state: TaskState): string {
  return `TASK_STATE_${state.replace('-', '_').toUpperCase()}`;
}

/** One event of a stream, as the `result` of its line. */
export function writeEvent(event: RunEvent, task: { id: string; contextId: string }, dialect: Dialect): Written {
  const ids = { contextId: task.contextId, taskId: task.id };
  if (event.kind === 'artifact') {
    const update = { artifact: writeArtifact(event.artifact, dialect), ...ids, lastChunk: true };
    return dialect === '0.3' ? { kind: 'artifact-update', ...update } : { artifactUpdate: update };
  }
  const update = {
    ...ids,
    status: writeStatus(event.status, dialect),
    ...(event.metadata !== undefined && { metadata: event.metadata }),
  };
  return dialect === '0.3' ? { kind: 'status-update', final: event.isFinal, ...update } : { statusUpdate: update };
}

/** A task of `/api/…` in 0.3 form: since 0.9.7 an older library writes it, with empty texts where nothing is known. */
export function writeTaskOfRest(task: Task, dialect: Dialect, hasOldLibrary: boolean): Written {
  const written = writeTask(task, dialect);
  if (dialect === '1.0' || !hasOldLibrary) return written;
  const filled = (message: Message): Written => ({ contextId: '', taskId: '', ...writeMessage(message, '0.3') });
  const { message } = task.status;
  return {
    ...written,
    ...(task.artifacts !== undefined && {
      artifacts: task.artifacts.map((each) => ({ name: '', description: '', ...writeArtifact(each, '0.3') })),
    }),
    ...(task.history !== undefined && { history: task.history.map(filled) }),
    status: { ...writeStatus(task.status, '0.3'), ...(message !== undefined && { message: filled(message) }) },
  };
}
