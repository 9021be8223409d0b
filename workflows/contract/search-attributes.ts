/**
 * Which search attributes a Temporal namespace lacks, and the command that registers one.
 *
 * Found out by queries, which every kind of server allows, unlike the list of attributes. Never creates one.
 */
import { type SearchAttributeName, searchAttributeTypes } from './plain/names.ts';

const grpcInvalidArgument = 3;

/** Rejects as `count` does, but for a query that is refused: it names an attribute that is not there. */
export async function missingAttributes(count: (query: string) => Promise<unknown>): Promise<SearchAttributeName[]> {
  const missing: SearchAttributeName[] = [];
  for (const name of Object.keys(searchAttributeTypes).filter(isAttribute)) {
    await count(`WorkflowType='none' AND ${name} IS NULL`).catch((error: unknown) => {
      const isMissing = error instanceof Error && 'code' in error && error.code === grpcInvalidArgument;
      if (!isMissing) throw error;
      missing.push(name);
    });
  }
  return missing;
}

/** `server` is the flags by which `temporal` finds the namespace. */
export function registerCommand(name: SearchAttributeName, server: string): string {
  return `temporal operator search-attribute create ${server} --name ${name} --type ${searchAttributeTypes[name]}`;
}

function isAttribute(name: string): name is SearchAttributeName {
  return Object.hasOwn(searchAttributeTypes, name);
}
