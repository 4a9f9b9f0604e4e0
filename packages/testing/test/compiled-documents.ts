import { join } from 'node:path';
import ts from 'typescript';
import { type Block, files, root } from './documents.js';

/** What a fence may be labelled, and the file its text is compiled as. */
export const compiledAs: Readonly<Record<string, string>> = {
  ts: '.mts',
  js: '.mjs',
  cts: '.cts',
  cjs: '.cjs',
};

const sources = files.filter((file) => /^packages\/[^/]+\/src\/.+\.ts$/.test(file));

/** A file to compile, and for each of its lines the place it was taken from. */
export interface Module {
  readonly text: string;
  readonly lines: readonly string[];
}

/**
 * A block that begins with an import or a require stands for itself; any other one goes on from the last such block above
 * it on its page, and is compiled behind it.
 */
export function modulesOf(all: readonly Block[]): ReadonlyMap<string, Module> {
  const found = new Map<string, Module>();
  let base: Block | undefined;
  for (const block of all) {
    const extension = compiledAs[block.label];
    if (extension === undefined) continue;
    const complete = /^(?:\/\/.*\n)*(?:import\b|const .+ = require\()/.test(block.text);
    if (complete) base = block;
    if (base?.page !== block.page)
      throw new Error(`${block.page}:${block.line} goes on from no complete block`);
    const parts = complete ? [block] : [base, block];
    found.set(join(root, `${block.page.replace(/\W/g, '-')}-${block.line}${extension}`), {
      text: parts.map(({ text }) => text).join(''),
      lines: parts.flatMap(({ page, line, text }) =>
        text
          .split('\n')
          .slice(0, -1)
          .map((_, index) => `${page}:${line + index}`),
      ),
    });
  }
  return found;
}

/** The modules and all sources of the packages, as one program. */
export function compile(texts: ReadonlyMap<string, Module>): ts.Program {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    module: ts.ModuleKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    paths: {
      '@hookshake/core/node': [join(root, 'packages/core/src/node.ts')],
      '@hookshake/core/fetch': [join(root, 'packages/core/src/fetch.ts')],
      '@hookshake/*': [join(root, 'packages/*/src/index.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file)?.text;
    if (text === undefined) return getSourceFile(file, version, ...rest);
    return ts.createSourceFile(file, text, version, true);
  };
  return ts.createProgram([...texts.keys(), ...sources.map((file) => join(root, file))], options, host);
}

/** What the compiler says about the modules, with the places in the pages. */
export function problemsOf(program: ts.Program, modules: ReadonlyMap<string, Module>): readonly string[] {
  const problems = [...modules].flatMap(([file, { lines }]) => {
    const source = program.getSourceFile(file);
    if (source === undefined) return [`${file} was not compiled`];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start = 0, messageText }) => {
        const { line } = source.getLineAndCharacterOfPosition(start);
        return `${lines[line] ?? file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
  return [...new Set(problems)];
}

/** The texts of a union type, as the compiler sees them. */
export function membersOf(program: ts.Program, file: string, name: string): readonly string[] {
  const source = program.getSourceFile(join(root, file));
  const declaration = source?.statements.find(
    (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
  );
  if (declaration === undefined) throw new Error(`${file} declares no type ${name}`);
  const type = program.getTypeChecker().getTypeAtLocation(declaration);
  const members = type.isUnion() ? type.types : [type];
  return members.map((member) => {
    if (!member.isStringLiteral()) throw new Error(`${name} is no union of texts`);
    return member.value;
  });
}

/** The codes that only the terminal shows: those that are written out where a notice is given. */
export function noticeCodes(program: ts.Program): readonly string[] {
  const found: string[] = [];
  function visit(node: ts.Node): void {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'notice') {
      const code = node.arguments[1];
      if (code !== undefined && ts.isStringLiteral(code)) found.push(code.text);
    }
    ts.forEachChild(node, visit);
  }
  for (const file of sources) {
    const source = program.getSourceFile(join(root, file));
    if (source !== undefined) visit(source);
  }
  return found;
}
