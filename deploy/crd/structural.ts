/**
 * Turns zod's JSON Schema into the structural form that a CustomResourceDefinition takes.
 *
 * Called by generate-crd. Leaves out what the API server forbids or what says nothing; adds nothing of its own.
 */
import { z } from 'zod';

/** The part of a structural schema that our Hook uses. */
export interface JsonSchema {
  type?: string | undefined;
  description?: string | undefined;
  format?: string | undefined;
  enum?: string[] | undefined;
  minimum?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  required?: string[] | undefined;
  items?: JsonSchema | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  'x-kubernetes-validations'?: { rule: string; message: string }[] | undefined;
  'x-kubernetes-list-type'?: string | undefined;
  'x-kubernetes-list-map-keys'?: string[] | undefined;
}

/** Strict: a keyword that is not named here is an error, so that no rule of the schema is lost in silence. */
const ZodOutput: z.ZodType<JsonSchema> = z.strictObject({
  type: z.enum(['object', 'array', 'string', 'integer', 'boolean']),
  description: z.string().optional(),
  format: z.literal('date-time').optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.literal(Number.MAX_SAFE_INTEGER).optional(), // of no meaning to the API server, whose integers are 64 bits
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  get items() {
    return ZodOutput.optional();
  },
  get properties() {
    return z.record(z.string(), ZodOutput).optional();
  },
});

export function structural(schema: unknown): JsonSchema {
  return clean(ZodOutput.parse(withoutDialect(schema)));
}

/** The date pattern stays behind: the API server checks date-time itself, and its engine has another dialect. */
function clean(schema: JsonSchema): JsonSchema {
  const { type, description, format, minimum, minLength, maxLength, minItems, maxItems, required } = schema;
  const kept = {
    type,
    description,
    format,
    enum: schema.enum,
    minimum,
    minLength,
    maxLength,
    minItems,
    maxItems,
    required,
  };
  const properties = Object.entries(schema.properties ?? {}).map(([name, each]) => [name, clean(each)] as const);
  const all: JsonSchema = {
    ...kept,
    ...(schema.items !== undefined && { items: clean(schema.items) }),
    ...(schema.properties !== undefined && { properties: Object.fromEntries(properties) }),
  };
  if (format !== undefined) all.maxLength = 64; // room for any RFC 3339 time
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function withoutDialect(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $schema: _, ...rest } = Object.assign({ $schema: undefined }, schema);
  return rest;
}
