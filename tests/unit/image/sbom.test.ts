/** The bill of materials says what is in the image, and the same each time. */
import { describe, expect, it } from 'vitest';
import { narrowSbom } from '../../../deploy/image/sbom.ts';

const component = (name: string, more: object = {}) => ({ 'bom-ref': `${name}@1.0.0`, type: 'library', name, ...more });

function told(over: { serial: string; folder: string; host: string }): object {
  const from = [
    { type: 'distribution', url: `${over.host}/a.tgz` },
    { type: 'vcs', url: 'git://a' },
  ];
  return {
    bomFormat: 'CycloneDX',
    serialNumber: over.serial,
    metadata: { timestamp: over.serial, tools: [], component: { ...component('ours'), name: over.folder } },
    components: [component('b'), component('tool'), component('a', { externalReferences: from, licenses: ['MIT'] })],
    dependencies: [
      { ref: 'tool@1.0.0', dependsOn: ['a@1.0.0'] },
      { ref: 'ours@1.0.0', dependsOn: ['tool@1.0.0', 'b@1.0.0'] },
      { ref: 'b@1.0.0', dependsOn: ['a@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: [] },
    ],
  };
}

const shipped = ['b', 'a'].map((name) => ({ name, version: '1.0.0', path: `node_modules/${name}` }));
const here = { serial: 'one', folder: 'main', host: 'https://one' };

describe('narrowSbom', () => {
  it('does not depend on the hour, the folder or the host that packages came from', () => {
    const there = { serial: 'two', folder: 'build', host: 'https://two' };
    expect(narrowSbom(told(here), shipped)).toBe(narrowSbom(told(there), shipped));
  });

  it('lists what is shipped and nothing else, with its licence, in order', () => {
    expect(JSON.parse(narrowSbom(told(here), shipped))).toEqual({
      bomFormat: 'CycloneDX',
      metadata: { tools: [], component: { ...component('ours', { externalReferences: [] }), type: 'application' } },
      components: [
        component('a', { externalReferences: [{ type: 'vcs', url: 'git://a' }], licenses: ['MIT'] }),
        component('b', { externalReferences: [] }),
      ],
      dependencies: [
        { ref: 'a@1.0.0', dependsOn: [] },
        { ref: 'b@1.0.0', dependsOn: ['a@1.0.0'] },
        { ref: 'ours@1.0.0', dependsOn: ['b@1.0.0'] },
      ],
    });
  });

  it('refuses a bill in which a shipped package is missing', () => {
    const more = [...shipped, { name: 'c', version: '1.0.0', path: 'node_modules/c' }];
    expect(() => narrowSbom(told(here), more)).toThrow('npm sbom does not know c@1.0.0, which is in the image.');
  });
});
