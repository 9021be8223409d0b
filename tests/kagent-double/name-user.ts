/**
 * Whose request it is, and whether it may be asked at all.
 *
 * Signatures of JWTs are not checked, as Kagent does not.
 */
import { z } from 'zod';
import type { Auth } from './options.ts';

export interface Asked {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: unknown;
}

const defaultUser = 'admin@kagent.dev';

/** Whether the ingress in front, if there is one, lets the request through. */
export function isLetIn({ headers }: Asked, auth: Auth | undefined): boolean {
  return auth?.mode !== 'bearer' || headers['authorization'] === `Bearer ${auth.key}`;
}

/** Undefined for a request that `trusted-proxy` refuses. */
export function userOf(asked: Asked, auth: Auth | undefined): string | undefined {
  const named = asked.query.get('user_id') ?? asked.headers['x-user-id'];
  if (auth?.mode !== 'trusted-proxy') return named ?? defaultUser;
  const subject = subjectOf(asked.headers['authorization']);
  const isAgent = asked.headers['x-agent-name'] !== undefined;
  return subject === undefined || !isAgent ? subject : (named ?? subject);
}

/** Claims of a bearer that looks like a JWT. */
export function claimsOf(authorization: string | undefined): Record<string, unknown> | undefined {
  const parts = /^Bearer ([^.]+)\.([^.]+)\.([^.]*)$/.exec(authorization ?? '');
  if (parts?.[2] === undefined) return undefined;
  try {
    const claims = z
      .record(z.string(), z.unknown())
      .safeParse(JSON.parse(Buffer.from(parts[2], 'base64url').toString()));
    return claims.success ? claims.data : undefined;
  } catch {
    return undefined;
  }
}

function subjectOf(authorization: string | undefined): string | undefined {
  const subject = claimsOf(authorization)?.['sub'];
  return typeof subject === 'string' && subject !== '' ? subject : undefined;
}
