/**
 * Turns Handlebars' syntax tree into the steps of a prompt template, or lists what is not allowed.
 *
 * An allow list: text, comments, values, function calls and the blocks if, unless, each, with.
 */
import { isFunctionName } from '../functions.ts';
import { quote } from '../problem.ts';
import type { Expression, Frame, Step } from '../steps.ts';
import { isPromptValueName, membersName } from '../values/values.ts';
import { goFunctionHint } from './go-forms.ts';
import { type Block, type Hash, isBlock, isContent, isMustache, type Node, type Program } from './handlebars-syntax.ts';
import { isBlockName, plainWord, readExpression, readOne, readPrinted } from './read-expression.ts';
import { nothing, offsetOf, type Reader, refuse, type Scope } from './reader.ts';

const outermost: Scope = { frames: ['all'], inLoop: false };

export function readSteps(reader: Reader, program: Program | undefined, scope: Scope = outermost): Step[] {
  return (program?.body ?? []).flatMap((node) => readStep(reader, scope, node) ?? []);
}

function readStep(reader: Reader, scope: Scope, node: Node): Step | undefined {
  const at = offsetOf(reader, node);
  if (isContent(node)) return node.value === '' ? undefined : { kind: 'text', text: node.value, at };
  if (isMustache(node)) return { kind: 'print', what: readPrinted(reader, scope, node), at };
  if (isBlock(node)) return readBlock(reader, scope, node);
  if (node.type !== 'CommentStatement') refuse(reader, node, `${quote(node.type)} is not supported.`);
  return undefined;
}

function readBlock(reader: Reader, scope: Scope, block: Block): Step | undefined {
  const { path, params, hash } = block;
  const name = plainWord(reader, path);
  if (!isBlockName(name)) {
    refuse(reader, path, whyNoBlock(path.original, name));
    return undefined;
  }
  const [param, ...more] = params;
  if (param === undefined || more.length > 0) {
    const example = name === 'each' ? '{{#each .}}' : `{{#${name} .Reason}}`;
    refuse(reader, path, `${name} takes one argument, found ${params.length}: ${example}.`);
    return undefined;
  }
  if (name === 'if' || name === 'unless') return readIf(reader, scope, { block, param });
  if (hash !== undefined) refuse(reader, hash, 'each and with take no named arguments.');
  return readFramed(reader, scope, { block, param, kind: name });
}

function whyNoBlock(original: string, name: string | undefined): string {
  const word = quote(String(original));
  if (isPromptValueName(word)) return `${word} is a value, not a block; write {{#if .${word}}}…{{/if}}.`;
  if (name === undefined) return `${word} is not a block; blocks are written without a dot: {{#if .Reason}}…{{/if}}.`;
  if (name === 'lookup' || isFunctionName(name)) return `${name} is a function, not a block; write {{${name} …}}.`;
  return `There is no block ${word}. ${goFunctionHint(name) ?? 'Known blocks are if, unless, each and with.'}`;
}

function readIf(reader: Reader, scope: Scope, { block, param }: { block: Block; param: Node }): Step {
  const what = readExpression(reader, scope, param);
  const zeroIsTrue = readIncludeZero(reader, scope, block.hash);
  const [yes, no] = [readSteps(reader, block.program, scope), readSteps(reader, block.inverse, scope)];
  const [body, otherwise] = block.path.original === 'unless' ? [no, yes] : [yes, no];
  return { kind: 'if', what, zeroIsTrue, body, otherwise, at: offsetOf(reader, block) };
}

function readIncludeZero(reader: Reader, scope: Scope, hash: Hash | undefined): Expression {
  let zeroIsTrue: Expression = { kind: 'literal', value: false };
  for (const pair of hash?.pairs ?? []) {
    if (pair.key === 'includeZero') zeroIsTrue = readOne(reader, scope, pair.value);
    else refuse(reader, pair, `${quote(pair.key)} is not known; if and unless take includeZero=true.`);
  }
  return zeroIsTrue;
}

/** A block in which `this` means something else. */
interface FramedBlock {
  block: Block;
  param: Node;
  kind: 'with' | 'each';
}

function readFramed(reader: Reader, scope: Scope, { block, param, kind }: FramedBlock): Step {
  const what = readExpression(reader, scope, param);
  const why = what === nothing ? undefined : whyNotOver(kind, what);
  if (why !== undefined) refuse(reader, param, why);
  const inner: Scope = {
    frames: [...scope.frames, frameOf(kind, what)],
    inLoop: scope.inLoop || kind === 'each',
  };
  const body = readSteps(reader, block.program, inner);
  const otherwise = readSteps(reader, block.inverse, scope);
  return { kind, what, body, otherwise, at: offsetOf(reader, block) };
}

/** Only all values together and Members are lists; a loop over a single value would silently be empty. */
function whyNotOver(block: 'with' | 'each', { kind }: Expression): string | undefined {
  if (block === 'with')
    return kind === 'members' ? `${membersName} is a list; write {{#each ${membersName}}}…{{/each}}.` : undefined;
  return kind === 'all' || kind === 'members'
    ? undefined
    : 'each goes over all values, {{#each .}}, or over {{#each Members}}; this is a single one: write {{#with .Reason}} or {{#if .Reason}}.';
}

function frameOf(block: 'with' | 'each', { kind }: Expression): Frame {
  if (block === 'each') return kind === 'members' ? 'row' : 'one';
  return kind === 'all' || kind === 'row' ? kind : 'one';
}
