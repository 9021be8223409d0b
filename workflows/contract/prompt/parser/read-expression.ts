/**
 * Turns one expression of Handlebars' syntax tree into ours, or says why it is not allowed; read-path.ts has the names.
 *
 * An allow list: what is not named here is refused, with the form that would work.
 */
import { type FunctionName, isFunctionName, valueFunctions } from '../functions.ts';
import { quote } from '../problem.ts';
import type { Expression } from '../steps.ts';
import { isPromptValueName } from '../values/values.ts';
import { goFunctionHint } from './go-forms.ts';
import { type Hash, isCall, isLiteral, isPath, type Node } from './handlebars-syntax.ts';
import { readPath, severalHints, whyUnknown } from './read-path.ts';
import { nothing, offsetOf, type Reader, refused } from './reader.ts';

/** A tag's or a parenthesis' path with its arguments. */
interface Call {
  path: Node;
  params: Node[];
  hash?: Hash | undefined;
}

export function readExpression(reader: Reader, node: Node): Expression {
  if (isPath(node)) return readPath(reader, node);
  if (isCall(node)) return readCall(reader, node);
  if (isLiteral(node)) return { kind: 'literal', value: node.value };
  return refused(reader, node, `${quote(node.type)} is not supported here.`);
}

/** An expression that must be one value, not several. */
export function readOne(reader: Reader, node: Node): Expression {
  const expression = readExpression(reader, node);
  const several = severalHints.get(expression.kind);
  return several === undefined ? expression : refused(reader, node, several);
}

const literalHint = 'A tag holds a name, not a text or number; write that outside of the braces, and \\{{ for braces.';

/** What a tag prints: a value, or a function's result. */
export function readPrinted(reader: Reader, { path, params, hash }: Call): Expression {
  if (!isPath(path)) return refused(reader, path, literalHint);
  const word = plainWord(reader, path);
  const isCalled = params.length > 0 || hash !== undefined || word === 'lookup' || isFunctionName(word);
  return isCalled ? readCall(reader, { path, params, hash }) : readOne(reader, path);
}

/** The word that a tag or parenthesis begins with; empty where it is none that could be a function or block. */
export function plainWord(reader: Reader, path: Node): string {
  // What was written as `.name` is a value.
  if (!isPath(path) || path.data || reader.source[offsetOf(reader, path)] === '.') return '';
  return path.parts.length === 1 && path.parts[0] === path.original ? path.original : '';
}

export type BlockName = 'if' | 'unless' | 'each' | 'with';

export function isBlockName(word: string): word is BlockName {
  return ['if', 'unless', 'each', 'with'].includes(word);
}

function readCall(reader: Reader, call: Call): Expression {
  const name = plainWord(reader, call.path);
  if (call.hash !== undefined) {
    return refused(reader, call.hash, 'Named arguments are only taken by {{#if}} and {{#unless}}: includeZero=true.');
  }
  if (name === 'lookup') return readLookup(reader, call);
  if (isFunctionName(name)) return readFunction(reader, { ...call, name });
  return refused(reader, call.path, whyNotCalled(reader, call.path));
}

function whyNotCalled(reader: Reader, path: Node): string {
  const name = plainWord(reader, path);
  const original = isPath(path) ? path.original : '';
  if (name === '' && !isPromptValueName(original))
    return `Only a function takes arguments, and ${quote(original)} is none here; functions are written without a dot: {{upper .Reason}}.`;
  if (name === '' || isPromptValueName(name)) return `${quote(original)} is a value and takes no arguments.`;
  if (isBlockName(name)) return `${name} is a block: write {{#${name} …}}…{{/${name}}}.`;
  const known = ['lookup', ...Object.keys(valueFunctions)].join(', ');
  return `There is no function ${quote(name)}. ${goFunctionHint(name) ?? `Known functions are ${known}.`}`;
}

function readFunction(reader: Reader, call: Call & { name: FunctionName }): Expression {
  const { usage, arity } = valueFunctions[call.name];
  const wrongCount = `${call.name} takes ${arity} argument(s), found ${call.params.length}: ${usage}.`;
  if (call.params.length !== arity) return refused(reader, call.path, wrongCount);
  const read = call.name === 'json' ? readExpression : readOne;
  const args = call.params.map((param) => read(reader, param));
  const objection = objectionTo(call.name, args);
  if (objection !== undefined) return refused(reader, call.path, objection);
  return { kind: 'call', name: call.name, args };
}

/** What is plainly wrong before any value is known. */
function objectionTo(name: FunctionName, [first, second]: readonly Expression[]): string | undefined {
  if (name === 'default' && first?.kind === 'literal' && first !== nothing) {
    return `default takes the value first and what stands in for it second: ${valueFunctions.default.usage}.`;
  }
  if (name === 'truncate' && second !== nothing && !isLength(second)) {
    return `truncate takes a text and a whole number of characters: ${valueFunctions.truncate.usage}.`;
  }
  return undefined;
}

/** Written out, so that every template that was accepted can be filled. */
function isLength(length: Expression | undefined): boolean {
  return length?.kind === 'literal' && Number.isSafeInteger(length.value) && Number(length.value) >= 0;
}

function readLookup(reader: Reader, { path, params }: Call): Expression {
  const [from, key] = params;
  const usage = 'lookup takes all values and a name: {{lookup . "Reason"}}.';
  if (from === undefined || key === undefined || params.length !== 2) return refused(reader, path, usage);
  if (readExpression(reader, from).kind !== 'all') return refused(reader, from, usage);
  const name = readOne(reader, key);
  const why = name.kind === 'literal' && name !== nothing ? whyUnknown('all', String(name.value)) : undefined;
  return why === undefined ? { kind: 'lookup', name } : refused(reader, key, why);
}
