/**
 * A folder as the kubelet mounts one: links into `..data`, which is turned to each new version in one step.
 *
 * For processes that read a Secret, a ConfigMap or a token, and must see them change as they do in a cluster.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MountedFolder {
  folder: string;
  /** The next version; keys may come and go. */
  change: (files: Record<string, string>) => void;
}

/** In a new folder within `parent`. */
export function mountFolder(parent: string, files: Record<string, string>): MountedFolder {
  const folder = mkdtempSync(join(parent, 'mount-'));
  let version = 0;
  let names: string[] = [];
  const change = (next: Record<string, string>) => {
    const old = `..${version}`;
    version += 1;
    mkdirSync(join(folder, `..${version}`));
    for (const [name, text] of Object.entries(next)) writeFileSync(join(folder, `..${version}`, name), text);
    symlinkSync(`..${version}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    for (const name of Object.keys(next))
      if (!names.includes(name)) symlinkSync(join('..data', name), join(folder, name));
    for (const name of names) if (!(name in next)) rmSync(join(folder, name));
    names = Object.keys(next);
    rmSync(join(folder, old), { recursive: true, force: true });
  };
  change(files);
  return { folder, change };
}
