/**
 * A change for which an agent of the demo asks before it makes it, by the words of the prompt.
 */
import { diagnosePrompt } from './diagnose-prompt.ts';
import type { ToolCall } from './read-prompt.ts';

export interface AsksForChange {
  /** Tools that the agent wants to call where the prompt does not say it; each needs an approval. */
  toolsFor: (prompt: string) => Omit<ToolCall, 'id'>[];
  /** What it says once it was decided and the tools gave this. */
  answerAfter: (prompt: string, said: string) => string;
}

/** More memory for what ran out of it. */
export const asksForMemory: AsksForChange = {
  toolsFor: (prompt) => {
    const [, name, namespace] = /Pod ([\w.-]+) in namespace ([\w-]+)/.exec(prompt) ?? [];
    if (!/OOM|out of memory/i.test(prompt) || name === undefined) return [];
    const patch = { spec: { containers: [{ name: 'app', resources: { limits: { memory: '512Mi' } } }] } };
    return [{ name: 'k8s_patch_resource', args: { resource_type: 'pod', resource_name: name, namespace, patch } }];
  },
  answerAfter: (prompt, said) => `${diagnosePrompt(prompt)}\n\n${said}`,
};
