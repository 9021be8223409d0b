/**
 * The codec server's settings: environment → typed config, or one error that lists every problem.
 *
 * The only file of the codec server that reads the environment.
 */
import { z } from 'zod';
import { readEnvironment } from '../../runtime/read-environment.ts';
import { LogLevel, Port, Text, Words } from '../../runtime/settings.ts';

const Origins = Words.refine(
  (origins) => origins.every(isOrigin),
  'expected origins such as https://temporal.example, separated by commas',
);

const CodecEnvironment = z
  .object({
    CODEC_KEY_DIR: z
      .string({ error: 'is not set; expected the folder of the keys, the same as for watcher and worker' })
      .describe('Folder with the keys, as a Secret is mounted: a file per key id, and active. Read anew on change.'),
    CODEC_PORT: Port.prefault('8083').describe('Port of /decode, /encode and /healthz.'),
    CODEC_CORS_ORIGIN: Origins.prefault('').describe(
      'Origins of the Web UIs whose pages may call this server, such as https://temporal.example, separated by commas. Without it no page may.',
    ),
    CODEC_TOKEN_FILE: Text.describe(
      'File with the bearer token that every call has to bring. Without it only this machine is listened to, on 127.0.0.1.',
    ),
    CODEC_TLS_CERT_FILE: Text.describe(
      'PEM file with the certificate chain; then the port speaks https. Read anew for every connection.',
    ),
    CODEC_TLS_KEY_FILE: Text.describe('PEM file with the private key of CODEC_TLS_CERT_FILE.'),
    CODEC_BODY_LIMIT: z
      .string()
      .regex(/^[1-9]\d{0,8}$/, 'expected a number of bytes')
      .default('16777216')
      .transform(Number)
      .describe('Largest request, in bytes.'),
    LOG_LEVEL: LogLevel,
  })
  .superRefine(({ CODEC_TLS_CERT_FILE: cert, CODEC_TLS_KEY_FILE: key }, context) => {
    if ((cert === undefined) === (key === undefined)) return;
    const missing = cert === undefined ? 'CODEC_TLS_CERT_FILE' : 'CODEC_TLS_KEY_FILE';
    context.addIssue({ code: 'custom', path: [missing], message: 'is not set; expected both files or none' });
  });
export type CodecConfig = z.infer<typeof CodecEnvironment>;

/** Throws an Error whose message lists all problems, one a line, each with its variable and what was expected. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): CodecConfig {
  return readEnvironment(CodecEnvironment, { environment, whose: 'the codec server' });
}

/** As a browser sends it: no path, no default port, lower case. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}
