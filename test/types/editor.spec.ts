/** What an editor shows to somebody who writes a call: completions and hovers by TypeScript's language service. */
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleRuntime, clientOf, emptyFolder, write } from './generated.js';
import { PET_SHOP } from './pet-shop.js';

/** Where the cursor stands in a line of code. */
const CURSOR = '‸';

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let service: ts.LanguageService;
let text = '';
let version = 0;

beforeAll(async () => {
  await bundleRuntime();
  folder = await emptyFolder();
  await write(folder.path, await clientOf(PET_SHOP));
  const main = join(folder.path, 'main.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  };
  service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [main],
    getScriptVersion: (file) => (file === main ? String(version) : '0'),
    getScriptSnapshot: (file) => {
      const content = file === main ? text : ts.sys.readFile(file);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder.path,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: (file) => file === main || ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
    directoryExists: (directory) => ts.sys.directoryExists(directory),
  });
}, 60_000);

afterAll(() => folder.remove());

/** Puts a line of code into the file; where the cursor is in it. */
function at(line: string): [file: string, position: number] {
  const before = "import { createClient } from './client.js';\nconst client = createClient();\n";
  text = before + line.replace(CURSOR, '');
  version += 1;
  return [join(folder.path, 'main.ts'), before.length + line.indexOf(CURSOR)];
}

function completions(line: string): string[] {
  const found = service.getCompletionsAtPosition(...at(line), {});
  return found?.isGlobalCompletion ? [] : (found?.entries ?? []).map(({ name }) => name);
}

/** The type, the description and the tags of what the cursor stands behind. */
function hover(line: string): { type: string; says: string; tags: string[] } {
  const [file, position] = at(line);
  const found = service.getQuickInfoAtPosition(file, position - 1);
  return {
    type: ts.displayPartsToString(found?.displayParts),
    says: ts.displayPartsToString(found?.documentation),
    tags: (found?.tags ?? []).map(({ name, text: parts }) => `${name} ${ts.displayPartsToString(parts)}`.trim()),
  };
}

describe('an editor completes', () => {
  const cases: [what: string, line: string, want: string[]][] = [
    ['the paths of a method', "client.delete('‸", ['/pets/{id}']],
    ['paths before methods', "client.paths['‸']", ['/orders', '/pets', '/pets/{id}', '/pets/{id}/photo']],
    ['the methods of a path', "client.paths['/pets'].‸", ['get', 'post']],
    ['operations', 'client.operations.‸', ['addPet', 'listPets', 'order', 'photo', 'sellPet', 'setPhoto']],
    ['the places of parameters', "client.get('/pets', { params: { ‸ } })", ['header', 'query']],
    ['parameters', "client.get('/pets', { params: { query: { ‸ } } })", ['kinds', 'limit']],
    ['values of parameters', "client.get('/pets', { params: { query: { kinds: ['‸'] } } })", ['cat', 'dog']],
    [
      'fields of a body',
      "client.post('/pets', { body: { name: '', ‸ } })",
      ['age', 'born', 'friends', 'id', 'kind', 'labels', 'notes', 'tag'],
    ],
    ['media types', "client.post('/orders', { contentType: '‸' })", ['application/json', 'application/xml']],
    [
      'what else a call takes',
      "client.get('/pets', { ‸ })",
      ['credentials', 'headers', 'params', 'signal', 'timeoutMs'],
    ],
    ['security schemes', 'createClient({ credentials: { ‸ } })', ['certificate', 'login', 'shop:oauth', 'shopKey']],
    [
      'fields of a result',
      "const r = await client.get('/pets/{id}', { params: { path: { id: 1 } } });\nif (r.status === 404) r.error.‸",
      ['since'],
    ],
    ['declared headers', "const r = await client.get('/pets');\nif (r.ok) r.headers['‸']", ['x-next', 'x-total']],
  ];
  test.each(cases)('%s', (_, line, want) => {
    const names = completions(line).map((name) => name.replace(/^["']|["']$/g, ''));
    expect(names.filter((name) => !/^(abstract|any|as)$/.test(name)).sort()).toEqual(want);
  });
});

describe('an editor shows what the document says of', () => {
  test('an operation, by its id or its path', () => {
    const want = { says: 'List the pets', tags: ['description All that are for sale.'] };
    expect(hover('client.operations.listPets‸();')).toMatchObject(want);
    expect(hover("client.paths['/pets'].get‸();")).toMatchObject(want);
    expect(hover("client.paths['/pets/{id}'].get‸({ params: { path: { id: 1 } } });").says).toBe('One pet');
  });

  test('a deprecated operation, which it strikes out', () => {
    expect(hover('client.operations.addPet‸').tags).toContain('deprecated');
    const entries = service.getCompletionsAtPosition(...at('client.operations.‸'), {})?.entries ?? [];
    expect(
      entries.filter(({ kindModifiers }) => kindModifiers?.includes('deprecated')).map(({ name }) => name),
    ).toEqual(['addPet']);
  });

  test('a parameter', () => {
    expect(hover("client.get('/pets', { params: { query: { limit‸: 5 } } });").tags).toEqual([
      'description How many at most.',
    ]);
    expect(hover("client.get('/pets/{id}', { params: { path: { id‸: 5 } } });").tags).toEqual([
      'description As the shop has it.',
    ]);
  });

  test('a field of a body', () => {
    const call = (fields: string) => `client.post('/pets', { body: { name: 'Tom', kind: 'cat', ${fields} } });`;
    expect(hover("client.post('/pets', { body: { name‸: 'Tom', kind: 'cat' } });").tags).toEqual([
      'description What it is called.',
    ]);
    expect(hover(call('age‸: 5')).tags).toEqual(['deprecated', 'description Changes every year.']);
  });

  test('a field of an answer', () => {
    const line =
      'const r = await client.operations.addPet({ body: { name: "", kind: "cat" } });\nif (r.ok) r.data.name‸;';
    expect(hover(line).tags).toEqual(['description What it is called.']);
  });
});

describe('an editor shows in one look', () => {
  test('all that a call takes', () => {
    const { type } = hover('client.operations.listPets‸();');
    expect(type.replace(/\s+/g, ' ')).toContain(
      'init?: { readonly params?: { query?: { limit?: number; kinds?: ("cat" | "dog")[]; } | undefined; header?:',
    );
  });

  test('what a call can give, success first', () => {
    const { type } = hover("const r‸ = await client.post('/pets', { body: { name: '', kind: 'cat' } });");
    expect(type.replace(/\s+/g, ' ')).toMatch(
      /^const r: Success<201, \{.*\| Failure<422, \{ message: string; \}, string,/,
    );
  });

  test('the body of an error as its fields', () => {
    const line = "const r = await client.get('/pets');\nif (!r.ok) r.error‸;";
    expect(hover(line).type).toBe('(property) error: {\n    message: string;\n}');
  });
});

describe('an editor says of a mistake', () => {
  const mistakes: [what: string, line: string, want: RegExp][] = [
    [
      'which paths there are',
      "client.delete('/pet', { params: { path: { id: 1 }, cookie: { session: '' } } });",
      /^Argument of type '"\/pet"' is not assignable to parameter of type '"\/pets\/\{id\}"'/,
    ],
    ['that a call takes more', "client.get('/pets/{id}');", /^Expected 2 arguments, but got 1/],
    [
      'which parameter is missing',
      "client.get('/pets/{id}', { params: { path: {} } });",
      /^Property 'id' is missing in type '\{\}' but required in type '\{ id: number; \}'/,
    ],
    [
      'which parameter it may be',
      "client.get('/pets', { params: { query: { limits: 5 } } });",
      /^Object literal may only specify known properties, but 'limits' does not exist .* Did you mean to write 'limit'\?$/,
    ],
    ['which field is missing', "client.post('/pets', { body: { name: '' } });", /^Property 'kind' is missing in type/],
    [
      'which values there are',
      "client.post('/pets', { body: { name: '', kind: 'cow' } });",
      /^Type '"cow"' is not assignable to type '"cat" \| "dog"'/,
    ],
  ];
  test.each(mistakes)('%s', (_, line, want) => {
    const [file] = at(line);
    const [first, ...others] = service.getSemanticDiagnostics(file);
    expect(ts.flattenDiagnosticMessageText(first?.messageText, '\n')).toMatch(want);
    expect(others).toEqual([]);
  });
});
