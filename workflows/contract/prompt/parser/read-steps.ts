/**
 * Turns Handlebars' syntax tree into the steps of a prompt template, or lists what is not allowed.
 *
 * An allow list: text, comments, values, function calls and the blocks if, unless, each, with.
 */
import { isFunctionName } from '../functions.ts';
import { quote } from '../problem.ts';
import type { Expression, Step } from '../steps.ts';
import { isPromptValueName, membersName } from '../values/values.ts';
import { goFunctionHint } from './go-forms.ts';
import { type Block, type Hash, isBlock, isContent, isMustache, type Node, type Program } from './handlebars-syntax.ts';
import { plainWord, readExpression, readOne, readPrinted } from './read-expression.ts';
import { type Frame, positionOf, type Reader, refuse, type Scope } from './reader.ts';

const outermost: Scope = { frames: ['all'], inLoop: false };

export function readSteps(reader: Reader, program: Program | undefined, scope: Scope = outermost): Step[] {
  return (program?.body ?? []).flatMap((node) => readStep(reader, scope, node) ?? []);
}

function readStep(reader: Reader, scope: Scope, node: Node): Step | undefined {
  const at = positionOf(reader, node);
  if (isContent(node)) return node.value === '' ? undefined : { kind: 'text', text: node.value, at };
  if (isMustache(node)) return { kind: 'print', what: readPrinted(reader, scope, node), at };
  if (isBlock(node)) return readBlock(reader, scope, node);
  if (node.type !== 'CommentStatement') refuse(reader, node, `${quote(node.type)} is not supported.`);
  return undefined;
}

function readBlock(reader: Reader, scope: Scope, block: Block): Step | undefined {
  const name = plainWord(reader, block.path);
  if (name !== 'if' && name !== 'unless' && name !== 'each' && name !== 'with') {
    refuse(reader, block.path, whyNoBlock(block.path.original, name));
    return undefined;
  }
  const [param, ...more] = block.params;
  if (param === undefined || more.length > 0) {
    const example = name === 'each' ? '{{#each .}}' : `{{#${name} .Reason}}`;
    refuse(reader, block.path, `${name} takes one argument, found ${block.params.length}: ${example}.`);
    return undefined;
  }
  if (name === 'each') return readEach(reader, scope, { block, param });
  return name === 'with' ? readWith(reader, scope, { block, param }) : readIf(reader, scope, { block, param });
}

function whyNoBlock(original: string, name: string | undefined): string {
  const word = quote(String(original));
  if (isPromptValueName(word)) return `${word} is a value, not a block; write {{#if .${word}}}…{{/if}}.`;
  if (name === undefined) return `${word} is not a block; blocks are written without a dot: {{#if .Reason}}…{{/if}}.`;
  if (name === 'lookup' || isFunctionName(name)) return `${name} is a function, not a block; write {{${name} …}}.`;
  return `There is no block ${word}. ${goFunctionHint(name) ?? 'Known blocks are if, unless, each and with.'}`;
}

interface BlockOf {
  block: Block;
  param: Node;
}

function readIf(reader: Reader, scope: Scope, { block, param }: BlockOf): Step {
  const condition = readExpression(reader, scope, param);
  const zeroIsTrue = readIncludeZero(reader, scope, block.hash);
  const [yes, no] = [readSteps(reader, block.program, scope), readSteps(reader, block.inverse, scope)];
  const [body, otherwise] = block.path.original === 'unless' ? [no, yes] : [yes, no];
  return { kind: 'if', condition, zeroIsTrue, body, otherwise, at: positionOf(reader, block) };
}

function readIncludeZero(reader: Reader, scope: Scope, hash: Hash | undefined): Expression {
  let zeroIsTrue: Expression = { kind: 'literal', value: false };
  for (const pair of hash?.pairs ?? []) {
    if (pair.key === 'includeZero') zeroIsTrue = readOne(reader, scope, pair.value);
    else refuse(reader, pair, `${quote(pair.key)} is not known; if and unless take includeZero=true.`);
  }
  return zeroIsTrue;
}

function readWith(reader: Reader, scope: Scope, { block, param }: BlockOf): Step {
  refuseHash(reader, block.hash);
  const what = readExpression(reader, scope, param);
  if (what.kind === 'members')
    refuse(reader, param, `${membersName} is a list; write {{#each ${membersName}}}…{{/each}}.`);
  const inner: Scope = { ...scope, frames: [...scope.frames, frameOf(what)] };
  const body = readSteps(reader, block.program, inner);
  const otherwise = readSteps(reader, block.inverse, scope);
  return { kind: 'with', what, body, otherwise, at: positionOf(reader, block) };
}

function frameOf({ kind }: Expression): Frame {
  return kind === 'all' || kind === 'row' ? kind : 'one';
}

const singleHint =
  'each goes over all values, {{#each .}}, or over {{#each Members}}; this is a single one: write {{#with .Reason}} or {{#if .Reason}}.';

/** Only all values together and Members are lists; a loop over a single value would silently be empty. */
function readEach(reader: Reader, scope: Scope, { block, param }: BlockOf): Step {
  refuseHash(reader, block.hash);
  const before = reader.problems.length;
  const { kind } = readExpression(reader, scope, param);
  const isRead = reader.problems.length === before;
  if (isRead && kind !== 'all' && kind !== 'members') refuse(reader, param, singleHint);
  const over = kind === 'members' ? 'members' : 'all';
  const inner: Frame = over === 'members' ? 'row' : 'one';
  const body = readSteps(reader, block.program, { frames: [...scope.frames, inner], inLoop: true });
  const otherwise = readSteps(reader, block.inverse, scope);
  return { kind: 'each', over, body, otherwise, at: positionOf(reader, block) };
}

function refuseHash(reader: Reader, hash: Hash | undefined): void {
  if (hash !== undefined) refuse(reader, hash, 'each and with take no named arguments.');
}
