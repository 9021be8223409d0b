/**
 * One GET to a local server, for the question "are you ready?".
 *
 * Trusts a self-signed certificate by its file only, never by switching verification off.
 */
import { readFile } from 'node:fs/promises';
import { get as getPlain } from 'node:http';
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
  const ca = trust && (await readFile(trust.caPath));
  const headers: Record<string, string> = trust?.token === undefined ? {} : { authorization: `Bearer ${trust.token}` };
  const options = { agent: false, headers, signal: AbortSignal.timeout(answerTimeoutMs) };
  const request = ca === undefined ? getPlain(url, options) : getTls(url, { ...options, ca });
  return new Promise((resolve, reject) => {
    request.once('response', (answer) => resolve(answer.resume().statusCode === 200));
    request.once('error', reject);
  });
}
