/**
 * The tables of the documentation that are made from code: configuration, incident types, reasons.
 *
 * Never writes the pages.
 */
import { z } from 'zod';
import { WatcherEnvironment } from '../watcher/config.ts';
import { detectors } from '../watcher/detectors/index.ts';
import { Account, endings } from '../watcher/ledger/account.ts';
import { WorkerEnvironment } from '../workers/config.ts';
import { runOutcomes } from '../workflows/contract/agent-run.ts';
import { IncidentType } from '../workflows/contract/hook.ts';
import { deliveryReasons, failureReasons, waitReasons } from '../workflows/contract/outcome.ts';
import { membersName, memberValueNames, promptValueNames } from '../workflows/contract/prompt.ts';

const Described = z.object({
  properties: z.record(z.string(), z.object({ description: z.string(), default: z.unknown().optional() })),
});

function settingsOf(schema: z.ZodType): Map<string, { description: string; fallback: string }> {
  const { properties } = Described.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return new Map(
    Object.entries(properties).map(([name, { description, default: value }]) => {
      const fallback = typeof value !== 'string' || value === '' ? '' : `\`${value}\``;
      return [name, { description, fallback }];
    }),
  );
}

/** One row a setting, with the processes that read it. */
export function configurationRows(): string[] {
  const watcher = settingsOf(WatcherEnvironment);
  const worker = settingsOf(WorkerEnvironment);
  const names = [...new Set([...watcher.keys(), ...worker.keys()])].toSorted();
  return names.map((name) => {
    const readers = [...(watcher.has(name) ? ['watcher'] : []), ...(worker.has(name) ? ['worker'] : [])].join(', ');
    const fallbacks = [watcher.get(name)?.fallback, worker.get(name)?.fallback].filter((text) => text !== undefined);
    const { description = '' } = watcher.get(name) ?? worker.get(name) ?? {};
    return `| \`${name}\` | ${readers} | ${[...new Set(fallbacks)].join(', ')} | ${description} |`;
  });
}

export function incidentRows(): string[] {
  const all = Object.values(detectors).flatMap((list) => list.map(({ type, summary }) => ({ type, summary })));
  return IncidentType.options.map((type) => {
    const summary = all.find((detector) => detector.type === type)?.summary ?? 'No detector.';
    return `| \`${type}\` | ${summary} |`;
  });
}

export function reasonRows(): string[] {
  return [
    ...Object.entries(deliveryReasons).map(([reason, { kind, hint }]) => `| \`${reason}\` | ${kind} | ${hint} |`),
    ...Object.entries(waitReasons).map(([reason, sentence]) => `| \`${reason}\` | waits | ${sentence} |`),
    ...Object.entries(failureReasons).map(([reason, sentence]) => `| \`${reason}\` | ends | ${sentence} |`),
    ...Object.entries(runOutcomes).map(([reason, sentence]) => `| \`${reason}\` | run | ${sentence} |`),
  ];
}

export function endingRows(): string[] {
  return [...endings, 'refused' as const].map((ending) => `| \`${ending}\` | ${Account.shape[ending].description} |`);
}

export function valueRows(): string[] {
  const values = Object.entries(promptValueNames).map(([name, description]) => `| \`${name}\` | ${description} |`);
  const fields = Object.entries(memberValueNames).map(([name, description]) => `\`${name}\` (${description})`);
  const members = `Not a value but a list, for \`{{#each ${membersName}}}…{{/each}}\`: what it happened to, at most 50, the last one last. Of each ${fields.join(', ')}; \`{{../Namespace}}\` is the incident's.`;
  return [...values, `| \`${membersName}\` | ${members} |`];
}
