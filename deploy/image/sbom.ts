/**
 * The image's bill of materials: what `npm sbom` says of the lock file, narrowed to the packages that are in the image.
 *
 * Called by assemble.ts. Says the same each time: no serial number, no time, no names of folders or hosts. npm's own
 * --omit=dev is of no use: it also leaves out production packages that a development package needs too.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ProductionPackage } from './production-packages.ts';

const Reference = z.looseObject({ type: z.string() });
const Component = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  externalReferences: z.array(Reference).default([]),
});
const Bill = z.looseObject({
  serialNumber: z.string().optional(),
  metadata: z.looseObject({ timestamp: z.string().optional(), component: Component }),
  components: z.array(Component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
type Component = z.infer<typeof Component>;

const npmTimeoutMs = 60_000;

export async function makeSbom(root: string, packages: readonly ProductionPackage[]): Promise<string> {
  const told = await promisify(execFile)('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    timeout: npmTimeoutMs,
  });
  return narrowSbom(JSON.parse(told.stdout), packages);
}

/** Throws when a package of the image is not in the bill. */
export function narrowSbom(told: unknown, packages: readonly ProductionPackage[]): string {
  const { serialNumber: _, metadata, components, dependencies, ...rest } = Bill.parse(told);
  const { timestamp: __, component, ...about } = metadata;
  const shipped = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const known = new Map(components.map((each) => [each['bom-ref'], each]));
  const ours = component['bom-ref'];
  const listed = [...shipped].toSorted().map((ref) => {
    const found = known.get(ref);
    if (found === undefined) throw new Error(`npm sbom does not know ${ref}, which is in the image.`);
    return withoutHosts(found);
  });
  const links = dependencies
    .filter(({ ref }) => ref === ours || shipped.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => shipped.has(other)).toSorted() }))
    .toSorted((one, other) => (one.ref < other.ref ? -1 : 1));
  // npm takes the name from the folder.
  const named = { ...withoutHosts(component), type: 'application', name: ours.slice(0, ours.lastIndexOf('@')) };
  const bill = { ...rest, metadata: { ...about, component: named }, components: listed, dependencies: links };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** From where a package came depends on the machine; its hash says what it is. */
function withoutHosts(component: Component): Component {
  return {
    ...component,
    externalReferences: component.externalReferences.filter(({ type }) => type !== 'distribution'),
  };
}
