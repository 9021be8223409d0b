/**
 * Runs kubectl against one cluster, as a person at a terminal would. Never picks a cluster by itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Resolves with what kubectl printed; rejects with what it complained about. `input` goes to its standard input. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

interface KubectlPlace {
  path: string;
  kubeconfigPath?: string;
  context?: string;
  environment: NodeJS.ProcessEnv;
  /** Ends a running call. Without it a call also outlives a Ctrl-C on the terminal, which goes to the whole group. */
  signal?: AbortSignal;
}

export function kubectlFor({ path, kubeconfigPath, context, environment, signal }: KubectlPlace): Kubectl {
  const where = [
    ...(kubeconfigPath === undefined ? [] : [`--kubeconfig=${kubeconfigPath}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  return async (args, input) => {
    const child = spawn(path, [...where, ...args], { env: environment, signal, detached: signal === undefined });
    const ended = once(child, 'close');
    child.stdin.on('error', () => undefined); // a kubectl that refuses its arguments does not read
    child.stdin.end(input ?? '');
    const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (child.exitCode === 0) return printed;
    throw new Error(`kubectl ${args.join(' ')} ended with ${child.exitCode}: ${complaint.trim()}`);
  };
}
