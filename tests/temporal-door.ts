/**
 * A door before a real Temporal, as Temporal Cloud has one: TLS, client certificates of one authority, an API key.
 *
 * Temporal's dev server has none of them. Passes on each call of who has both; refuses the others
 * as gRPC does.
 */
import {
  type ClientHttp2Stream,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './api-server/certificate.ts';

export interface TemporalDoorOptions {
  /** host:port of the real one. */
  address: string;
  apiKey: string;
  /** The certificate to show, and the authority whose clients are let in. */
  server: Certificate;
  ca: string;
}

export interface TemporalDoor {
  address: string;
  /** Who has come in with a certificate, and by which name they have asked: `kagent-hooks asks for temporal.example`. */
  guests: ReadonlySet<string>;
  /** Calls that were refused for want of the key. */
  refused: () => number;
  stop: () => Promise<void>;
}

export async function openTemporalDoor({ address, apiKey, server, ca }: TemporalDoorOptions): Promise<TemporalDoor> {
  const temporal = connect(`http://${address}`);
  const [guests, sessions] = [new Set<string>(), new Set<ServerHttp2Session>()];
  let refused = 0;
  const door = createSecureServer({ ...server, ca, requestCert: true, rejectUnauthorized: true });
  door.on('session', (session) => {
    sessions.add(session.on('error', () => undefined));
    session.on('close', () => sessions.delete(session));
    const { socket } = session;
    if (socket instanceof TLSSocket) guests.add(guestOf(socket));
  });
  door.on('stream', (stream, headers) => {
    if (headers.authorization === `Bearer ${apiKey}`) {
      passOn(stream, temporal.request(headers));
      return;
    }
    refused += 1;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' }, { endStream: true });
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const at = door.address();
  if (at === null || typeof at === 'string') throw new Error('The door has no port.');
  return {
    address: `127.0.0.1:${at.port}`,
    guests,
    refused: () => refused,
    stop: async () => {
      const closed = new Promise((resolve) => door.close(resolve));
      for (const session of sessions) session.destroy();
      temporal.destroy();
      await closed;
    },
  };
}

/** Who has shown a certificate, and the server name that it has asked for. */
function guestOf(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  return `${String(subject.CN)} asks for ${String(Reflect.get(socket, 'servername'))}`;
}

/** With trailers, in which gRPC says how a call has ended. */
function passOn(inside: ServerHttp2Stream, outside: ClientHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {};
  outside.on('response', (headers, flags) => {
    if (inside.destroyed) return;
    const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    inside.respond(headers, isAll ? { endStream: true } : { waitForTrailers: true });
  });
  outside.on('trailers', (headers) => {
    trailers = headers;
  });
  inside.on('wantTrailers', () => inside.sendTrailers(trailers));
  // Who hangs up on one side hangs up on the other.
  inside.on('close', () => outside.close(constants.NGHTTP2_CANCEL));
  inside.on('error', () => outside.close(constants.NGHTTP2_CANCEL));
  outside.on('error', () => inside.close(constants.NGHTTP2_INTERNAL_ERROR));
  inside.pipe(outside);
  outside.pipe(inside);
}
