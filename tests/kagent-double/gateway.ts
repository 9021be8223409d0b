/**
 * What the parts of the gateway of 1.x share: which first sends it has taken, and whose task may be read.
 *
 * Outlives stops of the gateway, as its database would.
 */
import type { AgentProcess } from './agent-process.ts';
import type { Controller } from './controller.ts';
import { RpcFailure } from './failures.ts';
import type { Asked } from './name-user.ts';
import type { Envelope } from './read-call.ts';
import type { Task } from './task.ts';

/** What a first send became, by user, agent and message id. */
export interface FirstSend {
  request: string;
  taskId: string;
}

export interface Gateway {
  controller: Controller;
  /** In the database of a real one: outlives restarts. */
  firstSends: Map<string, FirstSend>;
}

export function createGateway(controller: Controller): Gateway {
  return { controller, firstSends: new Map() };
}

export interface GatewayCall {
  gateway: Gateway;
  process: AgentProcess;
  user: string;
  asked: Asked;
  envelope: Envelope;
}

/** The stored task, if it is the caller's. */
export function requireTask({ gateway, user }: GatewayCall, id: string): Task {
  const stored = gateway.controller.database.readTask(id);
  if (stored === undefined) throw new RpcFailure(-32001, 'task not found');
  if (stored.user !== user) throw new RpcFailure(-31403, 'permission denied');
  return stored.task;
}
