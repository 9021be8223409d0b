/**
 * Turns one expression of Handlebars' syntax tree into ours, or says why it is not allowed.
 *
 * An allow list: what is not named here is refused, with the form that would work.
 */
import { type FunctionName, isFunctionName, valueFunctions } from './functions.ts';
import { goFunctionHint } from './go-forms.ts';
import { quote } from './problem.ts';
import { nameIsKnown, readName, severalHints } from './read-name.ts';
import { type Frame, hasLeadingDot, nothing, positionOf, type Reader, refused, type Scope } from './reader.ts';
import type { Expression, LoopName } from './steps.ts';
import { type Hash, isCall, isLiteral, isPath, type Node, type Path } from './syntax.ts';
import { isPromptValueName } from './values.ts';

const loopNames: readonly string[] = ['index', 'key', 'first', 'last'] satisfies LoopName[];
const isLoopName = (name: string): name is LoopName => loopNames.includes(name);

/** A tag's or a parenthesis' path with its arguments. */
interface Call {
  path: Node;
  params: Node[];
  hash?: Hash | undefined;
}

export function readExpression(reader: Reader, scope: Scope, node: Node): Expression {
  if (isPath(node)) return readPath(reader, scope, node);
  if (isCall(node)) return readCall(reader, scope, node);
  if (isLiteral(node)) return { kind: 'literal', value: node.value };
  if (node.type === 'NullLiteral') return { kind: 'literal', value: null };
  if (node.type === 'UndefinedLiteral') return nothing;
  return refused(reader, node, `${quote(node.type)} is not supported here.`);
}

/** An expression that must be one value, not several. */
export function readOne(reader: Reader, scope: Scope, node: Node): Expression {
  const expression = readExpression(reader, scope, node);
  const several = severalHints.get(expression.kind);
  return several === undefined ? expression : refused(reader, node, several);
}

/** What a tag prints: a value, or a function's result. */
export function readPrinted(reader: Reader, scope: Scope, { path, params, hash }: Call): Expression {
  if (!isPath(path)) {
    return refused(
      reader,
      path,
      'A tag holds a name, not a text or number; write that outside of the braces, and \\{{ for braces.',
    );
  }
  const isCalled = params.length > 0 || hash !== undefined || isFunctionWord(plainWord(reader, path));
  return isCalled ? readCall(reader, scope, { path, params, hash }) : readOne(reader, scope, path);
}

/** The word that a tag or parenthesis begins with, where it is one that could be a function or block. */
export function plainWord(reader: Reader, path: Node): string | undefined {
  if (!isPath(path) || path.data || hasLeadingDot(reader, path)) return undefined;
  return path.parts.length === 1 && path.parts[0] === path.original ? path.original : undefined;
}

function isFunctionWord(word: string | undefined): boolean {
  return word === 'lookup' || (word !== undefined && isFunctionName(word));
}

function readCall(reader: Reader, scope: Scope, call: Call): Expression {
  const name = plainWord(reader, call.path);
  if (call.hash !== undefined) {
    return refused(reader, call.hash, 'Named arguments are only taken by {{#if}} and {{#unless}}: includeZero=true.');
  }
  if (name === 'lookup') return readLookup(reader, scope, call);
  if (name !== undefined && isFunctionName(name)) return readFunction(reader, scope, { ...call, name });
  return refused(reader, call.path, whyNotCalled(reader, call.path));
}

const dotHint = 'functions are written without a dot: {{upper .Reason}}.';

function whyNotCalled(reader: Reader, path: Node): string {
  const name = plainWord(reader, path);
  const original = isPath(path) ? path.original : '';
  if (name === undefined && !isPromptValueName(original))
    return `Only a function takes arguments, and ${quote(original)} is none here; ${dotHint}`;
  if (name === undefined || isPromptValueName(name)) return `${quote(original)} is a value and takes no arguments.`;
  if (['if', 'unless', 'each', 'with'].includes(name)) return `${name} is a block: write {{#${name} …}}…{{/${name}}}.`;
  const known = ['lookup', ...Object.keys(valueFunctions)].join(', ');
  return `There is no function ${quote(name)}. ${goFunctionHint(name) ?? `Known functions are ${known}.`}`;
}

function readFunction(reader: Reader, scope: Scope, call: Call & { name: FunctionName }): Expression {
  const { usage, arity } = valueFunctions[call.name];
  if (call.params.length !== arity) {
    return refused(
      reader,
      call.path,
      `${call.name} takes ${arity} argument(s), found ${call.params.length}: ${usage}.`,
    );
  }
  const read = call.name === 'json' ? readExpression : readOne;
  const args = call.params.map((param) => read(reader, scope, param));
  const objection = objectionTo(call.name, args);
  if (objection !== undefined) return refused(reader, call.path, objection);
  return { kind: 'call', name: call.name, args, at: positionOf(reader, call.path) };
}

/** What is plainly wrong before any value is known. */
function objectionTo(name: FunctionName, [first, second]: readonly Expression[]): string | undefined {
  if (name === 'default' && first?.kind === 'literal') {
    return `default takes the value first and what stands in for it second: ${valueFunctions.default.usage}.`;
  }
  if (name === 'truncate' && !isLength(second)) {
    return `truncate takes a text and a whole number of characters: ${valueFunctions.truncate.usage}.`;
  }
  return undefined;
}

/** Written out, so that every template that was accepted can be filled. */
function isLength(length: Expression | undefined): boolean {
  return length?.kind === 'literal' && Number.isSafeInteger(length.value) && Number(length.value) >= 0;
}

function readLookup(reader: Reader, scope: Scope, { path, params }: Call): Expression {
  const [from, key] = params;
  const usage = 'lookup takes all values and a name: {{lookup . "Reason"}}.';
  if (from === undefined || key === undefined || params.length !== 2) return refused(reader, path, usage);
  if (readExpression(reader, scope, from).kind !== 'all') return refused(reader, from, usage);
  const name = readOne(reader, scope, key);
  if (name.kind === 'literal') return nameIsKnown(reader, key, String(name.value)) ? { kind: 'lookup', name } : nothing;
  return { kind: 'lookup', name };
}

function readPath(reader: Reader, scope: Scope, path: Path): Expression {
  if (path.data) return readLoopName(reader, scope, path);
  const index = scope.frames.length - 1 - path.depth;
  const frame = scope.frames[index];
  if (frame === undefined)
    return refused(reader, path, `${quote(path.original)} leads out of the template; there is nothing above.`);
  if (path.parts.length === 0) return wholeOf(frame, index);
  if (frame === 'one') return refused(reader, path, whyNotInside(scope, path, index));
  return readName(reader, path, { frame, index });
}

function wholeOf(frame: Frame, index: number): Expression {
  if (frame === 'all') return { kind: 'all' };
  return { kind: frame === 'row' ? 'row' : 'frame', index };
}

function whyNotInside(scope: Scope, path: Path, index: number): string {
  const up = '../'.repeat(scope.frames.length - 1 - scope.frames.lastIndexOf('all', index));
  const name = quote(path.parts.join('.'));
  return `Inside {{#each}} and {{#with}}, {{this}} is a single value without parts; write {{${up}${name}}} for the incident's ${name}.`;
}

function readLoopName(reader: Reader, scope: Scope, path: Path): Expression {
  const name = path.parts.join('.');
  if (path.depth > 0 || !isLoopName(name)) {
    return refused(
      reader,
      path,
      `${quote(path.original)} does not exist; there are @index, @key, @first and @last inside {{#each}}.`,
    );
  }
  if (!scope.inLoop) return refused(reader, path, `@${name} exists only inside {{#each}}.`);
  return { kind: 'loop', name };
}
