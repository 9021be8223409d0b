/**
 * Turns zod's JSON Schema into the structural form that a CustomResourceDefinition takes.
 *
 * Leaves out what the API server forbids or what says nothing; adds bounds to times and maps. A keyword that it does not know
 * is an error, so that no rule of the Hook's schema is lost in silence.
 */
import { z } from 'zod';

/** A rule in CEL; `fieldPath` is the field below that its message speaks about. */
interface ValidationRule {
  rule: string;
  message: string;
  reason?: string;
  fieldPath: string;
}

/** The part of a structural schema that our Hook uses. */
export interface JsonSchema {
  type?: string | undefined;
  description?: string | undefined;
  format?: string | undefined;
  enum?: string[] | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  pattern?: string | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  required?: string[] | undefined;
  items?: JsonSchema | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  additionalProperties?: JsonSchema | undefined;
  maxProperties?: number | undefined;
  'x-kubernetes-validations'?: ValidationRule[] | undefined;
  'x-kubernetes-list-type'?: string | undefined;
  'x-kubernetes-list-map-keys'?: string[] | undefined;
}

/** zod bounds every integer by what JavaScript counts exactly; the API server's integers have 64 bits anyway. */
const noMinimum = Number.MIN_SAFE_INTEGER;
const noMaximum = Number.MAX_SAFE_INTEGER;
const longestTime = 64; // room for any RFC 3339 time
/** zod has no bound for the size of a map. */
const largestMap = 50;

const known = {
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
};

/** zod's pattern for times looks around, which RE2 cannot; the API server checks `date-time` by itself. */
const ZodTime = z.strictObject({
  ...known,
  type: z.literal('string'),
  format: z.literal('date-time'),
  pattern: z.string(),
});

/** The API server's expressions look neither around nor back. */
function isOfRe2(pattern: string): boolean {
  return !/\(\?(?!:)|\\[1-9]/.test(pattern);
}

const ZodOther = z.strictObject({
  ...known,
  type: z.enum(['object', 'array', 'string', 'integer', 'boolean']),
  pattern: z.string().refine(isOfRe2, 'a pattern that RE2 does not understand').optional(),
  get items() {
    return ZodOutput.optional();
  },
  get properties() {
    return z.record(z.string(), ZodOutput).optional();
  },
  get additionalProperties() {
    return ZodOutput.optional();
  },
});

const ZodOutput: z.ZodType<JsonSchema> = z.union([ZodTime, ZodOther]);

/** Throws a ZodError that names the place when the schema says something that is not known here. */
export function structural(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  return clean(ZodOutput.parse(rest));
}

function clean(schema: JsonSchema): JsonSchema {
  const { type, description, format, minimum, maximum, minLength, maxLength, minItems, maxItems, required } = schema;
  const all: JsonSchema = {
    type,
    description,
    format,
    enum: schema.enum,
    minimum: minimum === noMinimum ? undefined : minimum,
    maximum: maximum === noMaximum ? undefined : maximum,
    minLength,
    maxLength: format === 'date-time' ? longestTime : maxLength,
    minItems,
    maxItems,
    required,
    pattern: format === 'date-time' ? undefined : schema.pattern,
    additionalProperties: schema.additionalProperties && clean(schema.additionalProperties),
    maxProperties: schema.additionalProperties && largestMap,
    items: schema.items && clean(schema.items),
    properties: schema.properties && mapValues(schema.properties, clean),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function mapValues<T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
