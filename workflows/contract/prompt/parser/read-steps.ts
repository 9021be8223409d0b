/**
 * Turns Handlebars' syntax tree into the steps of a prompt template, or lists what is not allowed.
 *
 * An allow list: text, comments, values, function calls and the blocks if, unless, each, with.
 */
import { isFunctionName } from '../functions.ts';
import { quote } from '../problem.ts';
import type { Expression, Frame, Framed, Step } from '../steps.ts';
import { isPromptValueName, membersName } from '../values/values.ts';
import { goFunctionHint } from './go-forms.ts';
import { type Block, type Hash, isBlock, isContent, isMustache, type Node, type Program } from './handlebars-syntax.ts';
import { type BlockName, isBlockName, plainWord, readExpression, readOne, readPrinted } from './read-expression.ts';
import { nothing, offsetOf, type Reader, refuse } from './reader.ts';

export function readSteps(reader: Reader, program: Program | undefined): Step[] {
  return (program?.body ?? []).flatMap((node) => readStep(reader, node) ?? []);
}

function readStep(reader: Reader, node: Node): Step | undefined {
  const at = offsetOf(reader, node);
  if (isContent(node)) return node.value === '' ? undefined : { kind: 'text', text: node.value, at };
  if (isMustache(node)) return { kind: 'print', what: readPrinted(reader, node), at };
  if (isBlock(node)) return readBlock(reader, node);
  if (node.type !== 'CommentStatement') refuse(reader, node, `${quote(node.type)} is not supported.`);
  return undefined;
}

function readBlock(reader: Reader, block: Block): Step | undefined {
  const { path, params } = block;
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
  const what = readExpression(reader, param);
  const why = what === nothing ? undefined : whyNotOver(name, what);
  if (why !== undefined) refuse(reader, param, why);
  return name === 'if' || name === 'unless'
    ? readIf(reader, block, what)
    : readFramed(reader, block, { kind: name, what });
}

function whyNoBlock(original: string, name: string): string {
  const word = quote(String(original));
  if (isPromptValueName(word)) return `${word} is a value, not a block; write {{#if .${word}}}…{{/if}}.`;
  if (name === '') return `${word} is not a block; blocks are written without a dot: {{#if .Reason}}…{{/if}}.`;
  if (name === 'lookup' || isFunctionName(name)) return `${name} is a function, not a block; write {{${name} …}}.`;
  return `There is no block ${word}. ${goFunctionHint(name) ?? 'Known blocks are if, unless, each and with.'}`;
}

function readIf(reader: Reader, block: Block, what: Expression): Step {
  const zeroIsTrue = readIncludeZero(reader, block.hash);
  const [yes, no] = [readSteps(reader, block.program), readSteps(reader, block.inverse)];
  const [body, otherwise] = block.path.original === 'unless' ? [no, yes] : [yes, no];
  return { kind: 'if', what, zeroIsTrue, body, otherwise, at: offsetOf(reader, block) };
}

function readIncludeZero(reader: Reader, hash: Hash | undefined): Expression {
  let zeroIsTrue: Expression = { kind: 'literal', value: false };
  for (const pair of hash?.pairs ?? []) {
    if (pair.key === 'includeZero') zeroIsTrue = readOne(reader, pair.value);
    else refuse(reader, pair, `${quote(pair.key)} is not known; if and unless take includeZero=true.`);
  }
  return zeroIsTrue;
}

function readFramed(reader: Reader, block: Block, { kind, what }: Pick<Framed, 'kind' | 'what'>): Step {
  if (block.hash !== undefined) refuse(reader, block.hash, 'each and with take no named arguments.');
  const frames = [...reader.frames, frameOf(kind, what)];
  const body = readSteps({ ...reader, frames, inLoop: reader.inLoop || kind === 'each' }, block.program);
  return { kind, what, body, otherwise: readSteps(reader, block.inverse), at: offsetOf(reader, block) };
}

/** Only all values together and Members are lists; a loop over a single value would silently be empty. */
function whyNotOver(block: BlockName, { kind }: Expression): string | undefined {
  if (block === 'with' && kind === 'members')
    return `${membersName} is a list; write {{#each ${membersName}}}…{{/each}}.`;
  return block === 'each' && kind !== 'all' && kind !== 'members'
    ? 'each goes over all values, {{#each .}}, or over {{#each Members}}; this is a single one: write {{#with .Reason}} or {{#if .Reason}}.'
    : undefined;
}

function frameOf(block: Framed['kind'], { kind }: Expression): Frame {
  if (block === 'each') return kind === 'members' ? 'row' : 'one';
  return kind === 'all' || kind === 'row' ? kind : 'one';
}
