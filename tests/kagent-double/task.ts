/**
 * Tasks, messages and events as the double keeps them, apart from any dialect, and the rule by which events change tasks.
 *
 * The rule is the one of both A2A libraries: a status's message goes into the history when the next status comes.
 */
export type TaskState =
  | 'submitted'
  | 'working'
  | 'input-required'
  | 'auth-required'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'rejected';

export type Metadata = Record<string, unknown>;

export type Part = { text: string; metadata?: Metadata } | { data: unknown; metadata?: Metadata };

export interface Message {
  messageId: string;
  role: 'user' | 'agent';
  parts: Part[];
  contextId?: string;
  taskId?: string;
  metadata?: Metadata;
  extensions?: string[];
}

export interface Artifact {
  artifactId: string;
  parts: Part[];
}

interface Status {
  state: TaskState;
  message?: Message;
  /** BYO agents may leave it out. */
  timestamp?: string;
}

export interface Task {
  id: string;
  contextId: string;
  status: Status;
  history?: Message[];
  artifacts?: Artifact[];
  metadata?: Metadata;
}

export type RunEvent =
  | { kind: 'status'; status: Status; metadata?: Metadata; isFinal: boolean }
  | { kind: 'artifact'; artifact: Artifact };

const terminalStates: readonly TaskState[] = ['completed', 'failed', 'canceled', 'rejected'];

export function isTerminal(state: TaskState): boolean {
  return terminalStates.includes(state);
}

/** Changes the task as the event says. */
export function applyEvent(task: Task, event: RunEvent): void {
  if (event.kind === 'artifact') {
    task.artifacts = [...(task.artifacts ?? []), event.artifact];
    return;
  }
  keepLastMessage(task);
  task.status = event.status;
  if (event.metadata !== undefined) task.metadata = { ...task.metadata, ...event.metadata };
}

/** Moves the status's message into the history; BYO tasks have none. */
export function keepLastMessage(task: Task): void {
  const { message, ...status } = task.status;
  if (message === undefined || task.history === undefined) return;
  task.history = [...task.history, message];
  task.status = status;
}

export function textOf(message: Message): string {
  return message.parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n');
}
