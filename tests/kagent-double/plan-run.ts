/**
 * What an agent does after it has begun to work: the events of a run in order, as its runtime and the prompt's directives have it.
 */
import { randomUUID } from 'node:crypto';
import { planExtensionPause } from './extension-pause.ts';
import { planPause } from './plan-pause.ts';
import { type Directives, phraseOf } from './read-prompt.ts';
import {
  become,
  invocationOf,
  newId,
  type Planned,
  placeOf,
  prefix,
  type Scene,
  say,
  speechOf,
  usageOf,
} from './runtimes.ts';
import type { Message } from './task.ts';

/** What the run is planned from. */
export interface Expected {
  message: Message;
  directives: Directives;
  /** What is said where the prompt does not have it. */
  answer: () => string;
}

export function planRun(scene: Scene, { message, directives, answer }: Expected): Planned[] {
  if (message.parts.length === 0) return planNoParts(scene);
  if (directives.fail !== undefined) return planFailure(scene, failureText(scene, directives.fail));
  if (directives.isEmpty) return planSilence(scene);
  if (directives.isRejected) return planRejection(scene);
  if (directives.needsLogin) return [() => become(scene, 'auth-required', { isFinal: true })];
  const { tools } = directives;
  if (tools.length > 0)
    return scene.release === '1.0' ? planExtensionPause(scene, tools, message) : planPause(scene, tools);
  return planAnswer(scene, directives.answer ?? answer());
}

/** The agent says it, it becomes the artifact, the task is completed. */
export function planAnswer(scene: Scene, text: string): Planned[] {
  const metadata = { ...speechOf(scene), ...usageOf(scene) };
  const isPython = scene.agent.runtime === 'python';
  const artifactId = newId(scene.agent.runtime);
  return [
    () => become(scene, 'working', { message: say(scene, [{ text }], metadata), metadata }),
    () => ({ kind: 'artifact', artifact: { artifactId, parts: [{ text }] } }),
    () =>
      become(scene, 'completed', {
        metadata: { ...placeOf(scene), ...invocationOf(scene), ...(isPython && usageOf(scene)) },
        isFinal: true,
      }),
  ];
}

function failureText({ agent }: Scene, status: number): string {
  const said = `stub model failure ${status}`;
  return agent.runtime === 'python'
    ? `Error code: ${status} - {'error': {'message': '${said}', 'type': 'server_error', 'code': 'stub_failure'}}`
    : `OpenAI chat completion request failed: POST "http://127.0.0.1:18090/v1/chat/completions": ${status} ${phraseOf(status)} {"message": "${said}", "type": "server_error", "code": "stub_failure"}`;
}

/** A failure of the model. Python says it twice, and without naming the task. */
function planFailure(scene: Scene, text: string): Planned[] {
  if (scene.agent.runtime !== 'python') {
    return [
      () => become(scene, 'failed', { message: say(scene, [{ text }]), metadata: placeOf(scene), isFinal: true }),
    ];
  }
  const code = { [`${prefix(scene)}error_code`]: 'API_ERROR' };
  const message: Message = { messageId: randomUUID(), role: 'agent', parts: [{ text }], metadata: code };
  const metadata = { ...speechOf(scene), ...code };
  return [
    () => become(scene, 'failed', { message, metadata }),
    () => become(scene, 'failed', { message, metadata, isFinal: true }),
  ];
}

/** A failure before the model was asked, such as a session that cannot be read. */
export function planEarlyFailure(scene: Scene, text: string): Planned[] {
  if (scene.agent.runtime !== 'python') return planFailure(scene, text);
  const message: Message = { messageId: randomUUID(), role: 'agent', parts: [{ text }] };
  return [() => become(scene, 'failed', { message, isFinal: true })];
}

/** The model answered nothing: Go completes without artifacts, Python never ends the task. */
function planSilence(scene: Scene): Planned[] {
  const metadata = { ...placeOf(scene), ...invocationOf(scene) };
  if (scene.agent.runtime !== 'python') return [() => become(scene, 'completed', { metadata, isFinal: true })];
  return [() => become(scene, 'working', { metadata: { ...metadata, ...usageOf(scene) } })];
}

function planRejection(scene: Scene): Planned[] {
  const message: Message = { messageId: newId('byo'), role: 'agent', parts: [{ text: 'policy' }] };
  return [() => become(scene, 'rejected', { message, isFinal: true })];
}

/** Only Python takes a message without parts. */
function planNoParts(scene: Scene): Planned[] {
  const message: Message = {
    messageId: randomUUID(),
    role: 'agent',
    parts: [{ text: 'No parts in the new_message.' }],
  };
  return [() => become(scene, 'failed', { message, isFinal: true })];
}
