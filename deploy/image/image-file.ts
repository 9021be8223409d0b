/**
 * One file of the image, and how a list of them is written into a folder so that two writes are equal byte for byte.
 *
 * The lists come from the other files of this folder; assemble.ts writes them into an empty folder. Never deletes.
 */
import { chmod, copyFile, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `path` is inside the image's /app, with slashes; the content is another file's or given as text. */
export type ImageFile = { path: string; from: string } | { path: string; text: string };

/** Enough to keep a disk busy; a file waits for several answers of it. */
const atOnce = 32;

/** Sorted, with the same modes and times everywhere: all may read, and nobody but the owner may write. */
export async function writeImageFiles(files: readonly ImageFile[], folder: string, time: Date): Promise<void> {
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const folders = [...new Set(sorted.flatMap(({ path }) => parentsOf(path)))].map((path) => join(folder, path));
  for (const made of folders) await mkdir(made, { recursive: true });
  for (let next = 0; next < sorted.length; next += atOnce)
    await Promise.all(
      sorted.slice(next, next + atOnce).map((file) => writeImageFile(file, join(folder, file.path), time)),
    );
  // Last, for a file that is added changes the time of its folder.
  for (const made of [folder, ...folders]) {
    await chmod(made, 0o755);
    await utimes(made, time, time);
  }
}

async function writeImageFile(file: ImageFile, target: string, time: Date): Promise<void> {
  if ('text' in file) await writeFile(target, file.text);
  else await copyFile(file.from, target);
  await chmod(target, 0o644);
  await utimes(target, time, time);
}

/** Refuses a folder that has something in it: what was there before would be in the image too. */
export async function makeEmptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty; name a new or an empty folder.`);
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
