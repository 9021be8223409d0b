/**
 * What distinguishes a Go agent from a Python one on the wire: ids, times, metadata, which messages name their task.
 *
 * BYO agents write no metadata at all.
 */
import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { Release, Runtime } from './options.ts';
import type { Message, Metadata, Part, RunEvent, TaskState } from './task.ts';

/** The run that something is said in. */
export interface Scene {
  release: Release;
  agent: { namespace: string; name: string; runtime: Runtime };
  user: string;
  contextId: string;
  taskId: string;
  invocationId: string;
}

export function newId(runtime: Runtime): string {
  return runtime === 'go' ? v7() : randomUUID();
}

/** Nanoseconds of Go, microseconds of Python, whose `Z` 0.8.6 leaves as it came. */
function now({ release, agent }: Pick<Scene, 'release' | 'agent'>): string {
  const time = new Date().toISOString().slice(0, -1);
  if (agent.runtime !== 'python') return `${time}123456Z`;
  return release === '0.8.6' ? `${time}123+00:00` : `${time}123Z`;
}

export function agentId({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}__NS__${name}`.replaceAll('-', '_');
}

export function prefix(scene: Scene): string {
  return scene.agent.runtime === 'python' ? 'kagent_' : 'adk_';
}

/** Metadata of every event: who, where. */
export function placeOf(scene: Scene): Metadata {
  const p = prefix(scene);
  return {
    [`${p}app_name`]: agentId(scene.agent),
    [`${p}session_id`]: scene.contextId,
    [`${p}user_id`]: scene.user,
  };
}

/** Metadata of what the agent says. */
export function speechOf(scene: Scene): Metadata {
  const p = prefix(scene);
  return {
    ...(scene.agent.runtime === 'python' && { [`${p}adk_partial`]: null }),
    ...placeOf(scene),
    [`${p}author`]: scene.agent.name.replaceAll('-', '_'),
    ...invocationOf(scene),
  };
}

export function invocationOf(scene: Scene): Metadata {
  return { [`${prefix(scene)}invocation_id`]: `e-${scene.invocationId}` };
}

/** Tokens of a model call. */
export function usageOf(scene: Scene): Metadata {
  const tokens = { candidatesTokenCount: 7, promptTokenCount: 237 };
  const isPython = scene.agent.runtime === 'python';
  return { [`${prefix(scene)}usage_metadata`]: isPython ? { ...tokens, totalTokenCount: 244 } : tokens };
}

/** A message of the agent; on 0.8.6 it names neither context nor task. */
export function say(scene: Scene, parts: Part[], metadata?: Metadata): Message {
  return {
    messageId: newId(scene.agent.runtime),
    role: 'agent',
    parts,
    ...(scene.release !== '0.8.6' && { contextId: scene.contextId, taskId: scene.taskId }),
    ...(metadata !== undefined && { metadata }),
  };
}

/** An event to come; made when its time has come, for it holds the time. */
export type Planned = () => RunEvent;

export type StatusEvent = Extract<RunEvent, { kind: 'status' }>;

export interface Said {
  message?: Message;
  metadata?: Metadata;
  isFinal?: boolean;
}

export function become(scene: Scene, state: TaskState, { message, metadata, isFinal = false }: Said = {}): StatusEvent {
  const isByo = scene.agent.runtime === 'byo';
  return {
    kind: 'status',
    isFinal,
    status: { state, ...(message !== undefined && { message }), ...(!isByo && { timestamp: now(scene) }) },
    ...(metadata !== undefined && !isByo && { metadata }),
  };
}
