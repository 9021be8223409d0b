/**
 * The events of a session as `/api/sessions/{id}` lists them, newest first; their `data` is text that only agents read.
 */
import type { Session } from './database.ts';
import { type Task, textOf } from './task.ts';

export function showEvents(session: Session, tasks: readonly Task[]): Record<string, unknown>[] {
  const messages = tasks.flatMap((task) => task.history ?? []);
  return messages.toReversed().map((message) => ({
    id: message.messageId,
    session_id: session.id,
    user_id: session.user,
    created_at: session.createdAt,
    updated_at: session.updatedAt,
    data: JSON.stringify({ Content: { parts: [{ text: textOf(message) }], role: message.role } }),
  }));
}
