/**
 * Kagent's database: sessions and tasks, each of one user. It outlives controllers and agents, and can be switched off.
 *
 * Read by the controllers; written by them for the agents.
 */
import type { Task } from './task.ts';

export interface Session {
  id: string;
  name: string;
  user: string;
  agentId: string;
  createdAt: string;
  updatedAt: string;
}

interface StoredTask {
  task: Task;
  user: string;
}

export interface Database {
  isDown: boolean;
  saveTask: (task: Task, user: string) => void;
  /** A copy; of any user where none is given. */
  readTask: (id: string, user?: string) => StoredTask | undefined;
  tasksOf: (contextId: string, user: string) => Task[];
  saveSession: (session: Omit<Session, 'createdAt' | 'updatedAt'>) => Session;
  readSession: (id: string, user: string) => Session | undefined;
  deleteSession: (id: string, user: string) => void;
  sessionsOf: (user: string, agentId?: string) => Session[];
}

/** What Kagent says about a database that it cannot reach. */
export const noConnection =
  'failed to connect to `user=postgres database=postgres`: 127.0.0.1:18432 (127.0.0.1): dial error: dial tcp 127.0.0.1:18432: connect: connection refused';

export function createDatabase(): Database {
  const tasks = new Map<string, StoredTask>();
  const sessions = new Map<string, Session>();
  const keyOf = (id: string, user: string) => JSON.stringify([id, user]);

  return {
    isDown: false,
    saveTask(task, user) {
      tasks.set(task.id, { task: structuredClone(task), user });
    },
    readTask(id, user) {
      const stored = tasks.get(id);
      return stored === undefined || (user !== undefined && stored.user !== user) ? undefined : structuredClone(stored);
    },
    tasksOf(contextId, user) {
      return [...tasks.values()]
        .filter((each) => each.task.contextId === contextId && each.user === user)
        .map((each) => structuredClone(each.task));
    },
    saveSession(session) {
      const at = `${new Date().toISOString().slice(0, -1)}123Z`;
      const before = sessions.get(keyOf(session.id, session.user));
      const saved = { ...session, createdAt: before?.createdAt ?? at, updatedAt: at };
      sessions.set(keyOf(session.id, session.user), saved);
      return saved;
    },
    readSession: (id, user) => sessions.get(keyOf(id, user)),
    deleteSession: (id, user) => void sessions.delete(keyOf(id, user)),
    sessionsOf: (user, agentId) =>
      [...sessions.values()].filter(
        (each) => each.user === user && (agentId === undefined || each.agentId === agentId),
      ),
  };
}
