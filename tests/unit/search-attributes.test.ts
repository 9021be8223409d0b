import { expect, it } from 'vitest';
import { searchAttributeTypes } from '../../workflows/contract/plain/names.ts';
import { missingAttributes, registerCommand } from '../../workflows/contract/search-attributes.ts';

const serverError = (code: number) => Object.assign(new Error('of the server'), { code });

it('an attribute is missing where the query that names it is refused', async () => {
  const asked: string[] = [];
  const missing = await missingAttributes(async (query) => {
    asked.push(query);
    if (/ (Agent|StateChangedAt) /.test(query)) throw serverError(3);
  });
  expect(missing).toEqual(['Agent', 'StateChangedAt']);
  expect(asked).toHaveLength(Object.keys(searchAttributeTypes).length);
});

it('nothing is called missing because the server does not answer', async () => {
  await expect(missingAttributes(() => Promise.reject(serverError(14)))).rejects.toThrow('of the server');
});

it('the command that registers one names its type as the command line has it', () => {
  expect(registerCommand('StateChangedAt', '--namespace shop')).toBe(
    'temporal operator search-attribute create --namespace shop --name StateChangedAt --type Datetime',
  );
});
