import { expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

it.each(pages)('%s links to files that are there', (page) => {
  expect(linksOf(page).filter((target) => !existsSync(join(root, target)))).toEqual([]);
});

it.each(pages.filter((page) => page !== 'CHANGELOG.md'))('%s names files that are there', (page) => {
  // Paths in code that start at the top; a part in braces or with an ellipsis stands for many.
  const named = [...read(page).matchAll(/`((?:apps|libs|test|tools|docs)\/[\w./-]*)`/g)].map(([, path = '']) => path);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

/** Targets of relative links, from the top folder, without fragments. */
function linksOf(page: string): string[] {
  return [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) =>
    relative(root, join(root, dirname(page), target)),
  );
}

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}
