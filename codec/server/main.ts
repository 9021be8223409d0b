/**
 * The codec server process: lets Temporal's Web UI and command line show what is encrypted.
 *
 * Only puts the parts together. Needs the keys, and nothing of Temporal or Kubernetes. On SIGTERM it takes no
 * more connections and answers the requests that it has.
 */
import { once } from 'node:events';
import pino, { type Logger } from 'pino';
import { abortOnSignals, prepareOrExit } from '../../runtime/start-process.ts';
import { createAesGcmCodec } from '../aes-gcm-codec.ts';
import { openKeyRing } from '../key-ring.ts';
import { openCertificate } from './certificate.ts';
import { type CodecConfig, readConfig } from './config.ts';
import { type CodecServerOptions, createCodecServer } from './serve-codec.ts';
import { openTokenCheck } from './token.ts';

/** Throws when a file that the config names is wrong. */
function optionsOf(config: CodecConfig, log: Logger): CodecServerOptions {
  const { CODEC_KEY_DIR: folder, CODEC_TOKEN_FILE: tokenFile } = config;
  const { CODEC_TLS_CERT_FILE: certFile, CODEC_TLS_KEY_FILE: keyFile } = config;
  const hasFiles = certFile !== undefined && keyFile !== undefined;
  return {
    codec: createAesGcmCodec(openKeyRing({ folder, log })),
    origins: config.CODEC_CORS_ORIGIN,
    bodyLimitBytes: config.CODEC_BODY_LIMIT,
    checkToken: tokenFile === undefined ? undefined : openTokenCheck(tokenFile, log),
    certificate: hasFiles ? openCertificate({ certFile, keyFile }, log) : undefined,
    log,
  };
}

function prepare() {
  const config = readConfig();
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'codec' } });
  return { config, log, options: optionsOf(config, log) };
}

const { config, log, options } = prepareOrExit(prepare);
const stop = abortOnSignals();
const server = createCodecServer(options);
/** Undefined: every address. Whoever gets through may read everything, so that without a token only this machine does. */
const host = options.checkToken === undefined ? '127.0.0.1' : undefined;
if (host !== undefined) {
  log.warn(
    { host },
    'CODEC_TOKEN_FILE is not set: only this machine is listened to, and whoever is on it can decrypt.',
  );
}
server.on('error', (error) => {
  log.fatal({ error: error.message }, 'the codec server cannot listen');
  process.exitCode = 1;
  stop.abort();
});
server.listen({ port: config.CODEC_PORT, host }, () => log.info({ port: config.CODEC_PORT }, 'serving'));
if (!stop.signal.aborted) await once(stop.signal, 'abort');
server.close();
