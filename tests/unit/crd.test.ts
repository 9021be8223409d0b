import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type JsonSchema, structural } from '../../deploy/crd/structural.ts';
import { makeCrd, printCrd } from '../../deploy/generate-crd.ts';

const Crd = z.object({
  spec: z.object({
    versions: z.tuple([
      z.object({
        additionalPrinterColumns: z.array(z.object({ name: z.string(), type: z.string(), jsonPath: z.string() })),
        schema: z.object({ openAPIV3Schema: z.custom<JsonSchema>((value) => typeof value === 'object') }),
      }),
    ]),
  }),
});
const [version] = Crd.parse(makeCrd()).spec.versions;
const root = version.schema.openAPIV3Schema;

interface Place {
  path: string;
  schema: JsonSchema;
}

function* walk(path: string, schema: JsonSchema): Generator<Place> {
  yield { path, schema };
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* walk(`${path}.${name}`, child);
  if (schema.items !== undefined) yield* walk(`${path}[]`, schema.items);
}

/** The API server describes and bounds these itself, in every kind. */
const ofEveryKind = ['.apiVersion', '.kind', '.metadata'];
const places = [...walk('', root)].filter(({ path }) => !ofEveryKind.includes(path));
const where = (isWrong: (schema: JsonSchema) => boolean) =>
  places.filter(({ schema }) => isWrong(schema)).map(({ path }) => path);

it('the file that is checked in is what npm run generate writes', () => {
  const file = readFileSync(new URL('../../deploy/crd/hooks.kagent.dev.yaml', import.meta.url), 'utf8');
  expect(file, 'run npm run generate').toBe(printCrd());
});

it('read as YAML 1.1, as Kubernetes reads it, the text says the same', () => {
  expect(parse(printCrd(), { version: '1.1' })).toEqual(makeCrd());
});

describe('the schema, field by field', () => {
  it('is walked to its ends', () => {
    const paths = places.map(({ path }) => path);
    expect(paths).toContain('.spec.eventConfigurations[].agentRef.namespace');
    expect(paths).toContain('.status.conditions[].lastTransitionTime');
  });

  it('describes every field in a sentence', () => {
    expect(where(({ description }) => !/^\S.*\.$/.test(description ?? ''))).toEqual([]);
  });

  it('bounds every text and every list', () => {
    expect(where(({ type, enum: words, maxLength }) => type === 'string' && !words && !maxLength)).toEqual([]);
    expect(where(({ type, maxItems }) => type === 'array' && !maxItems)).toEqual([]);
  });

  it('gives every field one type, and every list and object its content', () => {
    expect(where(({ type }) => !['object', 'array', 'string', 'integer', 'boolean'].includes(type ?? ''))).toEqual([]);
    expect(where(({ type, items }) => (type === 'array') !== (items !== undefined))).toEqual([]);
    const isOpen = ({ properties, additionalProperties }: JsonSchema) => !properties && !additionalProperties;
    expect(where((schema) => (schema.type === 'object') === isOpen(schema))).toEqual([]);
  });

  it('says nothing that a structural schema may not say', () => {
    const allowed = ['type', 'description', 'format', 'enum', 'required', 'items', 'properties', 'pattern'];
    const sizes = ['minLength', 'maxLength', 'minItems', 'maxItems', 'maxProperties'];
    const bounds = ['additionalProperties', 'minimum', 'maximum', ...sizes];
    const keywords = new Set(places.flatMap(({ schema }) => Object.keys(schema)));
    const others = [...keywords].filter((word) => !allowed.includes(word) && !bounds.includes(word));
    expect(others.filter((word) => !word.startsWith('x-kubernetes-'))).toEqual([]);
  });

  it('requires only fields that it has', () => {
    expect(where(({ required = [], properties = {} }) => required.some((name) => !(name in properties)))).toEqual([]);
  });

  it('says of times that they are times, and bounds no integer by what JavaScript can count', () => {
    const times = places.filter(({ path }) =>
      /TransitionTime|Seen|last(Fired|Updated)$/.test(path.split('.').at(-1) ?? ''),
    );
    expect(times).toHaveLength(5);
    expect(times.every(({ schema }) => schema.format === 'date-time')).toBe(true);
    expect(where(({ minimum = 0 }) => Math.abs(minimum) > 1)).toEqual([]);
  });

  it('does not require a spec, and keys conditions by type', () => {
    expect(root.required).toBeUndefined();
    expect(root.properties?.['status']?.properties?.['conditions']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
  });
});

it('every printer column shows a field that exists, in the type of that field', () => {
  const ofColumn = (jsonPath: string) =>
    places.find(({ path }) => path === jsonPath.replace(/\[\?\(@\.type=="\w+"\)\]/, '[]'))?.schema;
  const columns = version.additionalPrinterColumns.map(({ name, type, jsonPath }) => {
    const schema =
      jsonPath === '.metadata.creationTimestamp' ? { type: 'string', format: 'date-time' } : ofColumn(jsonPath);
    return [name, type, schema?.format === 'date-time' ? 'date' : schema?.type];
  });
  expect(columns).toEqual([
    ['Ready', 'string', 'string'],
    ['Reason', 'string', 'string'],
    ['Agents', 'string', 'string'],
    ['Active', 'integer', 'integer'],
    ['Last-Fired', 'date', 'date'],
    ['Age', 'date', 'date'],
  ]);
});

describe('a rule of the schema that a CRD would lose or refuse is an error', () => {
  it.each<[string, z.ZodType, RegExp]>([
    ['a pattern, which RE2 may not understand', z.string().regex(/^(?!x)/), /pattern/],
    ['a strict object', z.strictObject({}), /additionalProperties/],
    ['a default', z.string().default('x'), /default/],
    ['a nullable field', z.string().nullable(), /nullable/],
    ['a union', z.union([z.string(), z.int()]), /anyOf/],
    ['a bound that is no longer inside', z.int().lt(5), /exclusiveMaximum/],
    ['a step', z.int().multipleOf(5), /multipleOf/],
    ['a number that is no integer', z.number(), /type/],
  ])('%s', (_, field, keyword) => {
    expect(() => structural(z.object({ field }))).toThrow(keyword);
    expect(() => structural(z.object({ list: z.array(field) }))).toThrow(keyword);
  });

  it('but a map of texts is bounded', () => {
    const map = { type: 'object', additionalProperties: { type: 'string', maxLength: 5 }, maxProperties: 50 };
    expect(structural(z.object({ field: z.record(z.string(), z.string().max(5)) })).properties).toEqual({ field: map });
  });

  it('but an integer without bounds is only an integer, and bounds of our own are kept', () => {
    expect(structural(z.object({ field: z.int() })).properties).toEqual({ field: { type: 'integer' } });
    const bounded = { type: 'integer', minimum: 0, maximum: 1 };
    expect(structural(z.object({ field: z.int().min(0).max(1) })).properties).toEqual({ field: bounded });
  });
});
