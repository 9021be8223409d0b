/** A process run as the image runs it: its folder, its user, its few variables, and a Node of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, link, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The image's user; only root can become it, others run as themselves. */
const user = process.getuid?.() === 0 ? { uid: 65532, gid: 65532 } : {};

export interface ImageProcess {
  child: ChildProcess;
  /** Both streams, so far. */
  said: () => string;
  ended: Promise<number | null>;
}

/** Outside the repository, where the image's user may run it. */
export async function provideNode(folder: string): Promise<string> {
  const path = join(folder, 'bin/node');
  await mkdir(join(folder, 'bin'));
  await link(process.execPath, path).catch(() => copyFile(process.execPath, path));
  return path;
}

export function startInImage(
  { node, layout }: { node: string; layout: string },
  words: readonly string[],
  environment: Record<string, string> = {},
): ImageProcess {
  const env = { NODE_ENV: 'production', TZ: 'UTC', HOME: layout, ...environment };
  const child = spawn(node, words, { cwd: layout, env, ...user });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, said: () => text, ended };
}
