/**
 * Turns zod's JSON Schema into the structural form that a CustomResourceDefinition takes.
 *
 * Leaves out what the API server forbids or what says nothing; adds bounds to times and maps. A keyword that it does not know
 * is an error, so that no rule of the Hook's schema is lost in silence.
 */
import { z } from 'zod';

const longestTime = 64; // room for any RFC 3339 time
/** zod has no bound for the size of a map. */
const largestMap = 50;

/** The API server's expressions look neither around nor back. */
function isOfRe2(pattern: string): boolean {
  return !/\(\?(?!:)|\\[1-9]/.test(pattern);
}

/** The part of a structural schema that our Hook uses, in the order in which the CRD has it. */
const Structural = z.strictObject({
  type: z.enum(['object', 'array', 'string', 'integer', 'boolean']),
  description: z.string().optional(),
  format: z.literal('date-time').optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  pattern: z.string().refine(isOfRe2, 'a pattern that RE2 does not understand').optional(),
  get additionalProperties() {
    return Structural.optional();
  },
  maxProperties: z.number().optional(),
  get items() {
    return Structural.optional();
  },
  get properties() {
    return z.record(z.string(), Structural).optional();
  },
  'x-kubernetes-validations': z.array(z.record(z.string(), z.string())).optional(),
  'x-kubernetes-list-type': z.string().optional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
});

export type JsonSchema = z.infer<typeof Structural>;

/** Throws a ZodError that names the place when the schema says something that is not known here. */
export function structural(schema: z.ZodType): JsonSchema {
  const options = { target: 'openapi-3.0', io: 'input', reused: 'inline' } as const;
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    ...options,
    override: ({ jsonSchema }) => adapt(jsonSchema),
  });
  return Structural.parse(rest);
}

function adapt(schema: z.core.JSONSchema.BaseSchema): void {
  // zod bounds every integer by what JavaScript counts exactly; the API server's integers have 64 bits anyway.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.additionalProperties !== undefined) schema.maxProperties = largestMap;
  if (schema.format !== 'date-time') return;
  // zod's pattern for times looks around, which RE2 cannot; the API server checks `date-time` by itself.
  delete schema.pattern;
  schema.maxLength = longestTime;
}
