/** Looks for `any` in all that a generated client takes and gives. */
import { join } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  lib: ['lib.es2022.d.ts'],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  noEmit: true,
};
/** Types of one client that are looked at; the largest documents have more. */
const MOST_TYPES = 200_000;

/** The compiler's own declarations are read once. */
const libraries = new Map<string, ts.SourceFile | undefined>();

export interface Walk {
  /** Where an `any` is reached, e.g. `get /pets → body.notes`, and where a type cannot be made. At most twenty. */
  readonly leaks: string[];
  readonly operations: number;
  readonly types: number;
}

/** Walks the types of every operation of a client, by path and by id. */
export function findAny(folder: string): Walk {
  const main = join(folder, 'main.ts');
  const host = ts.createCompilerHost(OPTIONS);
  const read = host.getSourceFile.bind(host);
  const usage = ts.createSourceFile(
    main,
    "import type { ServiceClient } from './client.js';\nexport declare const client: ServiceClient;\n",
    ts.ScriptTarget.ES2022,
  );
  host.getSourceFile = (file, ...rest) => {
    if (file === main) return usage;
    if (!file.includes('/typescript/lib/')) return read(file, ...rest);
    if (!libraries.has(file)) libraries.set(file, read(file, ...rest));
    return libraries.get(file);
  };
  const program = ts.createProgram([main], OPTIONS, host);
  const walk = new TypeWalk(program.getTypeChecker());
  const client = exportOf(program, main, 'client');
  walk.client(client);
  return walk;
}

function exportOf(program: ts.Program, file: string, name: string): ts.Type {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const found = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === name);
  if (!found) throw new Error(`${file} exports no ${name}.`);
  return checker.getTypeOfSymbol(found);
}

class TypeWalk implements Walk {
  readonly leaks: string[] = [];
  operations = 0;
  private readonly seen = new Set<ts.Type>();

  constructor(private readonly checker: ts.TypeChecker) {}

  get types(): number {
    return this.seen.size;
  }

  client(client: ts.Type): void {
    for (const section of ['paths', 'operations']) {
      for (const [name, type] of this.membersOf(this.memberOf(client, section))) {
        const calls = section === 'paths' ? this.membersOf(type) : [[name, type] as const];
        for (const [method, call] of calls) this.call(call, section === 'paths' ? `${method} ${name}` : name);
      }
    }
  }

  private call(type: ts.Type, place: string): void {
    this.operations += 1;
    const [signature] = type.getCallSignatures();
    if (!signature) {
      this.leaks.push(`${place}: no function`);
      return;
    }
    const [init] = signature.parameters;
    if (init) this.visit(this.checker.getTypeOfSymbol(init), `${place} → `);
    this.visit(signature.getReturnType(), `${place} ← `);
  }

  /** Without recursion: schemas hold one another as deep as they like. */
  private visit(root: ts.Type, place: string): void {
    const queue: [ts.Type, string][] = [[root, place]];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [type, path] = next;
      if (this.leaks.length >= 20 || this.seen.size >= MOST_TYPES) return;
      if (type.flags & ts.TypeFlags.Any) this.leaks.push(path);
      if (this.seen.has(type)) continue;
      this.seen.add(type);
      if (type.isUnionOrIntersection()) for (const part of type.types) queue.push([part, path]);
      else if (type.flags & ts.TypeFlags.Object && !isLibrary(type)) {
        for (const [name, member] of this.membersOf(type)) queue.push([member, `${path}.${name}`]);
        for (const info of this.checker.getIndexInfosOfType(type)) queue.push([info.type, `${path}[]`]);
      }
      if (this.checker.isArrayType(type) || this.checker.isTupleType(type) || isLibrary(type)) {
        const items = this.checker.getTypeArguments(type as ts.TypeReference);
        for (const item of items) queue.push([item, `${path}[]`]);
      }
    }
  }

  private membersOf(type: ts.Type): (readonly [name: string, type: ts.Type])[] {
    return this.checker
      .getPropertiesOfType(type)
      .map((member) => [member.name, this.checker.getTypeOfSymbol(member)] as const);
  }

  private memberOf(type: ts.Type, name: string): ts.Type {
    const member = this.checker.getPropertyOfType(type, name);
    if (!member) throw new Error(`Expected a client to have ${name}.`);
    return this.checker.getTypeOfSymbol(member);
  }
}

/** Of the language itself: promises, lists, bytes. What is looked at is what they hold. */
function isLibrary(type: ts.Type): boolean {
  const declaration = type.getSymbol()?.declarations?.[0];
  return declaration?.getSourceFile().hasNoDefaultLib === true;
}
