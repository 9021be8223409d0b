/** The image's Dockerfile, taken apart: one row for each instruction, with the stage that it is in. */
import { readFileSync } from 'node:fs';

export interface Instruction {
  /** Counted from 0; what stands before the first FROM is in -1. */
  stage: number;
  word: string;
  argument: string;
}

export function readDockerfile(): Instruction[] {
  const text = readFileSync(new URL('../deploy/image/Dockerfile', import.meta.url), 'utf8');
  const withoutComments = text.replaceAll(/^\s*#.*\n/gm, '');
  let stage = -1;
  return withoutComments
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', ...rest] = line.split(' ');
      if (word === 'FROM') stage += 1;
      return { stage, word, argument: rest.join(' ') };
    });
}

/** What is taken from the repository: its path there, and its folder in the image. */
export function copiedPaths(): string[] {
  return readDockerfile()
    .filter(({ word, argument }) => word === 'COPY' && !argument.startsWith('--from='))
    .flatMap(({ argument }) => argument.split(' ').slice(0, -1));
}
