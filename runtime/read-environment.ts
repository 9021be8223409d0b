/**
 * Environment → typed settings, or one error that lists every problem.
 *
 * Never reads the environment by itself, and never shows a secret.
 */
import type { z } from 'zod';

/** Exit code of a process whose configuration is wrong; EX_CONFIG of sysexits. */
export const configExitCode = 78;

type Environment = Readonly<Record<string, string | undefined>>;

interface EnvironmentReading {
  environment: Environment;
  /** Whose settings they are, such as "the watcher". */
  whose: string;
  /** Variables whose value is not shown, not even when it is wrong. */
  secret?: ReadonlySet<string>;
  /** What the schema cannot see, a line each. */
  moreProblems?: readonly string[];
}

/** An empty variable counts as unset, as it does for most programs. */
export function withoutEmpty(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

/** Throws an Error whose message lists all problems, one a line, each with its variable and what was expected. */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  reading: EnvironmentReading,
): z.infer<Schema> {
  const { environment, whose, secret = new Set(), moreProblems = [] } = reading;
  const set = withoutEmpty(environment);
  const { data, error } = schema.safeParse(set);
  const problems = (error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0] ?? '');
    const found = secret.has(name) ? undefined : set[name];
    return `  ${name}${found === undefined ? '' : ` is "${found}";`} ${message}`;
  });
  const all = [...problems, ...moreProblems];
  if (data !== undefined && all.length === 0) return data;
  throw new Error(`The configuration of ${whose} has ${all.length} problem(s):\n${all.join('\n')}`);
}
