import { describe, expect, it } from '@jest/globals';
import { readPathTemplate } from './path-template.js';

describe('readPathTemplate', () => {
  const cases: [path: string, declared: string[], want: object][] = [
    ['/a/{id}', ['id'], { template: '/a/{id}', variables: ['id'] }],
    ['a/{id}', ['id'], { template: '/a/{id}' }],
    ['', [], { template: '/', variables: [] }],
    ['/a/{userId}', ['userid'], { template: '/a/{userid}', variables: ['userid'] }],
    ['/a/{ id }', ['id'], { template: '/a/{id}' }],
    ['/a/{+path}/{rest*}', ['path', 'rest'], { template: '/a/{path}/{rest}', variables: ['path', 'rest'] }],
    ['/a/{id:[0-9]+}', ['id'], { template: '/a/{id}', variables: ['id'] }],
    ['/a/{id: [\\p{L}]{1,9}}/b', ['id'], { template: '/a/{id}/b', variables: ['id'] }],
    ['/a/{{id}}/b', ['id'], { template: '/a/{id}/b', variables: ['id'] }],
    ['/a/{x{id}y}', ['id'], { template: '/a/{x{id}y}', variables: ['id'] }],
    ['/a/{id', ['id'], { template: '/a/{id', variables: [] }],
    ['/a/{id}.json', ['id'], { template: '/a/{id}.json' }],
    ['/a/{id}/{id}', ['id'], { variables: ['id'] }],
    ['/users/:id/x', ['id'], { template: '/users/{id}/x', variables: ['id'] }],
    ['/users/:id/x', [], { template: '/users/:id/x', variables: [] }],
    ['/a:batch', ['batch'], { template: '/a:batch', variables: [] }],
    ['/#X-Amz-Target=Foo.Bar', [], { template: '/', hasFragment: true }],
    [
      '/a?x=1&y=b%20c&z',
      [],
      {
        template: '/a',
        fixedQuery: [
          ['x', '1'],
          ['y', 'b c'],
          ['z', ''],
        ],
      },
    ],
    ['/a?x=100%', [], { fixedQuery: [['x', '100%']] }],
    [
      '/a?x={x}',
      ['x'],
      { template: '/a', fixedQuery: [], queryVariables: [{ name: 'x', variable: 'x', required: true }] },
    ],
    ['/a?user={id}', ['id'], { queryVariables: [{ name: 'user', variable: 'id', required: true }] }],
    [
      '/a{?page,size*}',
      [],
      {
        template: '/a',
        queryVariables: [
          { name: 'page', variable: 'page', required: false },
          { name: 'size', variable: 'size', required: false },
        ],
      },
    ],
    ['/a/{b#c}?d', ['b#c'], { template: '/a/{b#c}', variables: ['b#c'], hasFragment: false }],
    ['/Items({id})', ['id'], { template: '/Items({id})', variables: ['id'] }],
    ['/a/{}', [], { template: '/a/{}', variables: [] }],
  ];
  it.each(cases)('%s with %j', (path, declared, want) => {
    expect(readPathTemplate(path, new Set(declared))).toMatchObject(want);
  });
});
