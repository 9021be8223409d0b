/**
 * Reads the directives of a prompt, such as `[[latency=2]]` or `[[tool=delete_thing:{"name":"db-1"}]]`, by which tests steer an agent.
 */
import { z } from 'zod';

export interface ToolCall {
  id: string;
  name: string;
  args: Record<string, unknown>;
}

export interface Directives {
  /** Milliseconds that the run takes. */
  latencyMs?: number;
  /** What the agent says, where the prompt has it. */
  answer?: string;
  /** HTTP status of the model. */
  fail?: number;
  isEmpty: boolean;
  isRejected: boolean;
  needsLogin: boolean;
  isMessage: boolean;
  /** Tools that need approval; `ask_user` asks a question instead. */
  tools: ToolCall[];
}

const statuses = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
]);

export function phraseOf(status: number): string {
  return statuses.get(status) ?? 'Error';
}

export function readPrompt(prompt: string): Directives {
  const latency = valueOf(prompt, 'latency');
  const fail = valueOf(prompt, 'fail');
  const answer = readAnswer(prompt);
  return {
    ...(latency !== undefined && { latencyMs: Number(latency) * 1000 }),
    ...(fail !== undefined && { fail: Number(fail) }),
    ...(answer !== undefined && { answer }),
    isEmpty: prompt.includes('[[empty]]'),
    isRejected: prompt.includes('[[reject]]'),
    needsLogin: prompt.includes('[[authreq]]'),
    isMessage: prompt.includes('[[message]]'),
    tools: [...readTools(prompt), ...readQuestions(prompt)].map((tool, nth) => ({ id: callId(nth), ...tool })),
  };
}

function valueOf(prompt: string, name: string): string | undefined {
  return new RegExp(`\\[\\[${name}=([\\s\\S]*?)\\]\\]`).exec(prompt)?.[1];
}

function readAnswer(prompt: string): string | undefined {
  const raw = valueOf(prompt, 'raw');
  if (raw !== undefined) return Buffer.from(raw, 'base64').toString('utf8');
  const big = valueOf(prompt, 'big');
  if (big !== undefined) return 'x'.repeat(Number(big));
  return valueOf(prompt, 'answer');
}

let calls = 0;

function callId(nth: number): string {
  calls += 1;
  return `call_${Date.now()}${calls}_${nth}`;
}

const Arguments = z.record(z.string(), z.unknown());

function readTools(prompt: string): Omit<ToolCall, 'id'>[] {
  return [...prompt.matchAll(/\[\[tool=([^:\]]+):/g)].map((match) => {
    const json = firstObject(prompt.slice(match.index + match[0].length));
    return { name: match[1] ?? '', args: Arguments.parse(JSON.parse(json)) };
  });
}

/** The JSON object at the start of a text: up to the brace that closes the first. Braces in strings are not counted. */
function firstObject(text: string): string {
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g);
  let depth = 0;
  for (const token of tokens) {
    if (token[0] === '{') depth += 1;
    if (token[0] === '}') depth -= 1;
    if (depth === 0) return text.slice(0, token.index + 1);
  }
  return '{}';
}

function readQuestions(prompt: string): Omit<ToolCall, 'id'>[] {
  const questions = [...prompt.matchAll(/\[\[ask=([\s\S]*?)\]\]/g)].map((match) => ({
    question: match[1] ?? '',
    choices: [],
    multiple: false,
  }));
  return questions.length === 0 ? [] : [{ name: 'ask_user', args: { questions } }];
}
