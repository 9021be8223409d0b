/**
 * The Hooks of a YAML file, as `kubectl apply` would take it; and, where no file is given, one Hook for every type.
 *
 * What is wrong with a Hook stays on it and is printed; a file without Hooks is an error.
 */
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { IncidentType } from '../../workflows/contract/hook.ts';
import { type LiveHook, readHook } from '../hooks/live-hook.ts';
import { deepenFlow } from './deepen-flow.ts';

const HookDocument = z.looseObject({
  kind: z.literal('Hook'),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().default('default') }),
  spec: z.unknown().optional(),
});

const List = z.object({ items: z.array(z.unknown()) });

/** Everything is allowed here: nobody acts on what is printed. */
const reach = { isWide: () => true };

export function readHooksFile(file: string, text: string): LiveHook[] {
  const hooks = parseAllDocuments(deepenFlow(text)).flatMap((document, index) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new Error(`${file}: document ${index + 1} is not YAML: ${problem.message}`);
    const value: unknown = document.toJS();
    const items = List.safeParse(value).data?.items ?? [value];
    return items.flatMap(liveHook);
  });
  if (hooks.length === 0) throw new Error(`${file}: holds no Hook; expected documents of kind Hook.`);
  return hooks;
}

function liveHook(document: unknown): LiveHook[] {
  const parsed = HookDocument.safeParse(document);
  if (!parsed.success) return [];
  const { name, namespace } = parsed.data.metadata;
  const metadata = {
    name,
    namespace,
    uid: `${namespace}/${name}`,
    resourceVersion: '0',
    creationTimestamp: '1970-01-01T00:00:00Z',
  };
  const hook = readHook({ metadata, spec: parsed.data.spec }, reach);
  return hook === undefined ? [] : [hook];
}

/** One Hook a type: each type is shown as if it were the only one, with its defaults, in every namespace. */
export function hooksForEveryType(): LiveHook[] {
  return IncidentType.options.flatMap((eventType) => {
    const configuration = { eventType, agentRef: { name: 'none' }, prompt: '-', match: { namespaces: ['*'] } };
    return liveHook({ kind: 'Hook', metadata: { name: eventType }, spec: { eventConfigurations: [configuration] } });
  });
}
