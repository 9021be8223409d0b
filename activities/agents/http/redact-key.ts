/**
 * Takes an API key out of text that a server wrote: plain, and in the encodings in which servers give things back.
 *
 * Pure. A key that a server has scrambled otherwise cannot be known again.
 */

/** Shorter cores would redact innocent text. */
const leastCharacters = 6;

export function redactKey(text: string, apiKey: string): string {
  let redacted = text;
  for (const form of formsOf(apiKey)) redacted = redacted.replaceAll(form, '[redacted]');
  return redacted;
}

/** The plain key counts however short it is. */
function formsOf(apiKey: string): string[] {
  if (apiKey === '') return [];
  const bytes = Buffer.from(apiKey);
  const hex = bytes.toString('hex');
  const encoded = [
    encodeURIComponent(apiKey.toWellFormed()),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => base64At(bytes, shift)),
  ];
  return [apiKey, ...encoded.filter((form) => form.length >= leastCharacters)];
}

/** The characters that are the key's alone, with so many bytes in front of it: three bytes make four characters. */
function base64At(bytes: Buffer, shift: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor(((shift + bytes.length) * 8) / 6);
  const core = whole.slice(from, to);
  return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
}

export function redactAll(text: string, secrets: readonly string[]): string {
  return secrets.reduce(redactKey, text);
}
