/**
 * Files of the key folder → keys: strictly, with every problem in one error.
 *
 * An error names files and never shows what stands in one: what was meant for another file, such as a key in the file `active`,
 * is not shown either.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { FileContent, FolderContent } from '../runtime/mounted-files.ts';

export interface Key {
  id: string;
  /** Not a Buffer, because this one shows no bytes when it is printed. */
  secret: KeyObject;
}

export interface Keys {
  /** Encrypts; all of them decrypt. */
  active: Key;
  byId: ReadonlyMap<string, Key>;
}

/** The file that names the key that encrypts. */
const activeFile = 'active';

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Throws an Error that lists every problem by file. */
export function parseKeys(folder: string, found: FolderContent): Keys {
  if ('unreadable' in found) throw new Error(`The key folder ${folder} cannot be read (${found.unreadable}).`);
  const problems: string[] = [];
  const byId = new Map<string, Key>();
  for (const [name, file] of Object.entries(found.files)) {
    if (name === activeFile) continue;
    const secret = idPattern.test(name)
      ? readKey(file)
      : 'expected a name of letters, digits, dots, dashes and underscores';
    if (typeof secret === 'string') problems.push(`${name}: ${secret}`);
    else byId.set(name, { id: name, secret });
  }
  const active = chooseActive(byId, found.files[activeFile]);
  // Which key is active cannot be said while a key is missing because its file is wrong.
  if (typeof active === 'string' && problems.length === 0) problems.push(active);
  if (typeof active === 'string' || problems.length > 0) {
    throw new Error(`The key folder ${folder} has ${problems.length} problem(s):\n  ${problems.join(';\n  ')}.`);
  }
  return { active, byId };
}

/** The key, or what is wrong with its file. */
function readKey(file: FileContent): KeyObject | string {
  if ('unreadable' in file) return `the file cannot be read (${file.unreadable})`;
  const text = file.text.trim();
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what is no base64; written back it shows.
  if (bytes.length !== 32 || bytes.toString('base64') !== text)
    return 'expected the base64 of 32 bytes, as openssl rand -base64 32 prints it';
  return createSecretKey(bytes);
}

/** The key that encrypts, or why it is not known. */
function chooseActive(byId: ReadonlyMap<string, Key>, file: FileContent | undefined): Key | string {
  const [only] = byId.values();
  if (only === undefined) return 'there is no key: expected a file named after the key id';
  const ids = [...byId.keys()].join(', ');
  if (file === undefined) {
    return byId.size === 1
      ? only
      : `${activeFile}: is missing; expected the id of one of the ${byId.size} keys: ${ids}`;
  }
  if ('unreadable' in file) return `${activeFile}: the file cannot be read (${file.unreadable})`;
  return byId.get(file.text.trim()) ?? `${activeFile}: names none of the keys: ${ids}`;
}
