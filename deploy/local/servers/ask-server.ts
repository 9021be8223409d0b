/**
 * One GET to a local server, for the question "are you ready?".
 *
 * Trusts a self-signed certificate by its file only, never by switching verification off.
 */
import { readFile } from 'node:fs/promises';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';

/** A server on loopback that takes longer than this to answer is not ready. */
const answerTimeoutMs = 2_000;

interface Trust {
  /** File with the certificate to trust; it appears only when the server has written it. */
  caPath: string;
  /** Bearer token, where the question needs one. */
  token?: string;
}

/** True for a 200. Rejects when the server cannot be reached or does not answer in time. */
export async function answersOk(url: string, trust?: Trust): Promise<boolean> {
  const timeout = answerTimeoutMs;
  if (trust === undefined) return isOk((take) => getPlain(url, { timeout, agent: false }, take));
  const ca = await readFile(trust.caPath);
  const headers: Record<string, string> = trust.token === undefined ? {} : { authorization: `Bearer ${trust.token}` };
  return isOk((take) => getTls(url, { timeout, agent: false, ca, headers }, take));
}

function isOk(ask: (take: (answer: IncomingMessage) => void) => ReturnType<typeof getPlain>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = ask((answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('No answer in time.')));
  });
}
