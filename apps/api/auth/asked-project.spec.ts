import { expect, test } from '@jest/globals';
import { DEFAULT_PROJECT } from '#core';
import { askedProject } from './asked-project.js';

test.each([
  [undefined, DEFAULT_PROJECT],
  ['default', DEFAULT_PROJECT],
  ['a', 'a'],
  ['0-team-', '0-team-'],
  ['a'.repeat(63), 'a'.repeat(63)],
  ['a'.repeat(64), null],
  ['', null],
  ['-a', null],
  ['A', null],
  ['a b', null],
  ['a, b', null],
  ['../a', null],
  ['ä', null],
])('X-Project: %j asks for the project %j', (name, project) => {
  expect(askedProject({ headers: name === undefined ? {} : { 'x-project': name } })).toBe(project);
});
