/** Hooks are read once per generation, and take no more text in their prompts than everybody can afford. */
import { describe, expect, it } from 'vitest';
import { type LiveHook, readHook } from '../../watcher/hooks/live-hook.ts';
import { statusOf } from '../../watcher/reporting/hook-status.ts';
import { promptsLimitChars } from '../../workflows/contract/plain/names.ts';
import { aHookObject, noon, oomConfiguration } from '../make.ts';

const spec = { eventConfigurations: [oomConfiguration] };

function aReader() {
  const known = new Map<string, LiveHook>();
  const view = (object: unknown) => {
    const hook = readHook(object, {}, (uid) => known.get(uid));
    if (hook !== undefined) known.set(hook.uid, hook);
    return hook;
  };
  return { view, forget: (uid: string) => known.delete(uid) };
}

describe('a Hook that comes again', () => {
  it('with nothing but another status is not read again, and has the new status and version', () => {
    const { view } = aReader();
    const first = view(aHookObject(spec));
    const again = view({ ...aHookObject(spec, { resourceVersion: '8' }), status: { active: 3 } });
    expect(again).toMatchObject({ resourceVersion: '8', status: { active: 3 } });
    expect(again?.configurations).toBe(first?.configurations);
  });

  it('with another generation, or as another Hook of the same name, is read again', () => {
    const { view } = aReader();
    const first = view(aHookObject(spec));
    const edited = view(aHookObject({ ...spec, paused: true }, { generation: 2 }));
    expect(edited?.isPaused).toBe(true);
    const other = view(aHookObject(spec, { uid: 'other-uid' }));
    expect(new Set([first, edited, other].map((hook) => hook?.configurations)).size).toBe(3);
  });

  it('is remembered until it is gone, and no longer', () => {
    const { view, forget } = aReader();
    const first = view(aHookObject(spec));
    forget('hook-uid');
    const anew = view(aHookObject(spec));
    expect(anew?.configurations).not.toBe(first?.configurations);
  });

  it('as something that is no Hook is left out, also where it has the uid of one', () => {
    const { view } = aReader();
    view(aHookObject(spec));
    expect(view({ metadata: { uid: 'hook-uid', generation: 1 } })).toBeUndefined();
  });
});

describe('the prompts of a Hook', () => {
  const withPrompts = (...sizes: number[]) =>
    readHook(
      aHookObject({
        eventConfigurations: sizes.map((size, index) => ({
          ...oomConfiguration,
          name: `c${index}`,
          prompt: 'x'.repeat(size),
        })),
      }),
    );
  const most = 65_536;

  it('may have as much text together as is allowed', () => {
    const hook = withPrompts(most, most, most, promptsLimitChars - 3 * most);
    expect(hook?.problems).toEqual([]);
    expect(hook?.configurations.map(({ key }) => key)).toEqual(['c0', 'c1', 'c2', 'c3']);
  });

  it('with one character more are refused from there on, in a sentence with the Hook, what was found and what may be', () => {
    const hook = withPrompts(most, most, most, most, 1, 1);
    expect(hook?.configurations.map(({ key }) => key)).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(hook?.configurations.every(({ prompt }) => prompt.length === most)).toBe(true);
    expect(hook?.problems).toEqual([
      {
        reason: 'PromptsTooLarge',
        message:
          'The prompts of Hook shop/checkout have 262146 characters in all; at most 262144 are allowed, ' +
          'so spec.eventConfigurations[4] and those behind it are refused.',
      },
    ]);
  });

  it('that are too much make the Hook not ready, and those that fit are acted upon', () => {
    const hook = withPrompts(most, most, most, most, most);
    if (hook === undefined) throw new Error('no Hook');
    const agents = { reachable: undefined, of: () => undefined, readinessOf: () => undefined };
    const [ready] = statusOf(hook, [], { nowMs: noon, agents }).conditions ?? [];
    expect(ready).toMatchObject({ type: 'Ready', status: 'False', reason: 'PromptsTooLarge' });
    expect(ready?.message).toMatch(/^The prompts of Hook shop\/checkout .* The other 4 are acted upon\.$/);
  });

  it('that are wrong count as well, and what is no text counts nothing', () => {
    const entry = (prompt: unknown, name: string) => ({ ...oomConfiguration, name, prompt });
    const wrong = Array.from({ length: 4 }, (_, index) => entry(`{{${'x'.repeat(most - 2)}`, `w${index}`));
    const hook = readHook(
      aHookObject({ eventConfigurations: [...wrong, entry({ length: 9e9 }, 'n'), entry('x', 'l')] }),
    );
    expect(hook?.problems.map(({ reason }) => reason)).toEqual([
      'PromptsTooLarge',
      ...Array.from({ length: 4 }, () => 'InvalidPrompt'),
      'InvalidSpec',
    ]);
    expect(hook?.configurations).toEqual([]);
  });
});
