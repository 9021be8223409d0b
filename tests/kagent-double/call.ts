/**
 * One A2A call to an agent through a controller of 0.x, and what comes of it.
 *
 * Passed between the parts that answer it.
 */
import type { AgentProcess } from './agent-process.ts';
import type { Controller } from './controller.ts';
import type { Dialect } from './dialects.ts';
import type { Asked } from './name-user.ts';
import type { Reply } from './reply.ts';

export interface Call {
  controller: Controller;
  process: AgentProcess;
  dialect: Dialect;
  user: string;
  asked: Asked;
}

/** A result for the envelope, or a reply that is whole already, such as a stream. */
export type Outcome = { result: unknown } | Reply;
