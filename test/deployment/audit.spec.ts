import { describe, expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCEPTED } from '../../tools/supply-chain/accepted.js';
import { judge, outdated } from '../../tools/supply-chain/judge.js';
import type { Acceptance, AuditReport, Locked } from '../../tools/supply-chain/judge.js';

const root = join(import.meta.dirname, '../..');

const LOCKED: readonly Locked[] = [
  { name: '@fastify/http-proxy', version: '11.6.3', folder: 'node_modules/@fastify/http-proxy' },
  { name: '@fastify/reply-from', version: '12.6.5', folder: 'node_modules/@fastify/reply-from' },
  { name: 'handlebars', version: '4.7.8', folder: 'node_modules/handlebars' },
  { name: 'semver', version: '7.6.3', folder: 'node_modules/semver' },
];

const WHY = { advisory: 'CVE-2026-1, something', reason: 'Because.', keptBy: [] };
const BORNE: readonly Acceptance[] = [
  { name: '@fastify/reply-from', version: '12.6.5', mendedBy: '12.9.1', ...WHY },
  { name: '@fastify/reply-from', version: '12.6.5', mendedBy: '12.7.0', ...WHY },
  { name: '@fastify/http-proxy', version: '11.6.3', mendedBy: '11.6.6', ...WHY },
];

/** As npm 11 writes it, with what nobody reads. */
function advisory(name: string, severity: string, range: string) {
  return {
    source: 1120345,
    name,
    dependency: name,
    title: `${name} does what it should not`,
    url: `https://github.com/advisories/GHSA-${name.length}`,
    severity,
    cwe: ['CWE-444'],
    cvss: { score: 7.5, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N' },
    range,
  };
}

function entry(name: string, severity: string, via: AuditReport['vulnerabilities'][string]['via'], copies = ['']) {
  const nodes = copies.map((below) => `${below}node_modules/${name}`);
  return { [name]: { name, severity, isDirect: false, via, effects: [], range: '*', nodes, fixAvailable: false } };
}

/** A report as an installation gets it whose registry can be asked. */
const REPORT = {
  auditReportVersion: 2,
  vulnerabilities: {
    ...entry('@fastify/http-proxy', 'high', [
      '@fastify/reply-from',
      advisory('@fastify/http-proxy', 'high', '>=9.0.0 <=11.6.5'),
    ]),
    ...entry('@fastify/reply-from', 'critical', [
      advisory('@fastify/reply-from', 'high', '<12.7.0'),
      advisory('@fastify/reply-from', 'critical', '<12.9.1'),
      advisory('@fastify/reply-from', 'low', '<12.9.9'),
    ]),
    ...entry('handlebars', 'critical', [advisory('handlebars', 'critical', '>=4.0.0 <=4.7.8')]),
    ...entry('semver', 'moderate', [advisory('semver', 'moderate', '<7.6.4')]),
    ...entry('newman', 'critical', ['handlebars', 'semver']),
  },
  metadata: { vulnerabilities: { info: 0, low: 0, moderate: 1, high: 1, critical: 3, total: 5 } },
} satisfies AuditReport & Record<string, unknown>;

/** A report of one package. */
const only = (vulnerabilities: AuditReport['vulnerabilities']): AuditReport => ({ vulnerabilities });

describe('the audit', () => {
  it('fails for each that is high or critical and not accepted, and tells where it is read about', () => {
    expect(judge(REPORT, BORNE, LOCKED)).toEqual({
      faults: [
        'handlebars 4.7.8 (>=4.0.0 <=4.7.8): critical, handlebars does what it should not, https://github.com/advisories/GHSA-10',
      ],
      borne: [
        expect.stringContaining('@fastify/http-proxy 11.6.3 (>=9.0.0 <=11.6.5): high'),
        expect.stringContaining('@fastify/reply-from 12.6.5 (<12.7.0): high'),
        expect.stringContaining('@fastify/reply-from 12.6.5 (<12.9.1): critical'),
      ],
    });
    expect(judge(REPORT, [], LOCKED).faults).toHaveLength(4);
  });

  test.each(['<12.9.2', '<=12.9.1', '<12.10.0', '<13.0.0', '*', '>=0', '<12.9.1 || >=13.0.0', '<=12', '>12.0.0', ''])(
    'accepts nothing of %s where what 12.9.1 mends is accepted',
    (range) => {
      const name = '@fastify/reply-from';
      const report = only(entry(name, 'high', [advisory(name, 'high', range)]));
      expect(judge(report, BORNE, LOCKED)).toMatchObject({ faults: [expect.stringContaining(name)], borne: [] });
    },
  );

  it('accepts nothing of another version, of another copy, or of a copy that nobody knows', () => {
    const name = '@fastify/reply-from';
    const folder = `node_modules/other/node_modules/${name}`;
    const found = (...copies: string[]) => only(entry(name, 'high', [advisory(name, 'high', '<12.9.1')], copies));
    const other = [...LOCKED, { name, version: '12.6.4', folder }];
    const same = [...LOCKED, { name, version: '12.6.5', folder }];
    expect(judge(found('', 'node_modules/other/'), BORNE, other).faults).toHaveLength(1);
    expect(judge(found('', 'node_modules/other/'), BORNE, same).faults).toEqual([]);
    expect(judge(found('', 'node_modules/other/'), BORNE, LOCKED).faults).toHaveLength(1);
    expect(judge(found(...([] as string[])), BORNE, LOCKED).faults).toHaveLength(1);
  });

  it('fails for what is high without a reason', () => {
    const odd = only({ ...entry('a', 'high', []), ...entry('b', 'critical', ['c']) });
    expect(judge(odd, BORNE, LOCKED).faults).toEqual([
      'a an unknown version: high, for no reason that is told',
      'b an unknown version: critical, for no reason that is told',
    ]);
  });

  it('fails for what is accepted of a version that is not locked', () => {
    expect(outdated(BORNE, LOCKED)).toEqual([]);
    const renewed = LOCKED.map((each) => (each.name === '@fastify/http-proxy' ? { ...each, version: '11.6.6' } : each));
    expect(outdated(BORNE, renewed)).toEqual([
      'Expected @fastify/http-proxy 11.6.3 to be locked, of which what 11.6.6 mends is accepted, got 11.6.6.',
    ]);
    const second = {
      name: '@fastify/http-proxy',
      version: '11.6.2',
      folder: 'node_modules/a/node_modules/@fastify/http-proxy',
    };
    expect(outdated(BORNE, [...LOCKED, second])).toHaveLength(1);
    expect(outdated(BORNE, [])).toHaveLength(3);
  });
});

describe('what is accepted', () => {
  test.each(ACCEPTED)('of $name $version, until $mendedBy, has tests that keep it so', ({ keptBy }) => {
    expect(keptBy.length).toBeGreaterThan(0);
    const missing = keptBy.filter(({ file, test }) => !readFileSync(join(root, file), 'utf8').includes(`'${test}'`));
    expect(missing).toEqual([]);
  });

  it('is what is locked', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    const locked = Object.entries(packages).map(([folder, { version }]) => ({
      folder,
      version,
      name: folder.replace(/^.*node_modules\//, ''),
    }));
    expect(outdated(ACCEPTED, locked)).toEqual([]);
  });
});
