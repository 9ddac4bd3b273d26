import { variables } from './values.js';
import { showValue } from './show-value.js';
import { SECTIONS, type Value, type Variable } from './variable.js';

const WIDTH = 112;

/** The text of `.env`: every variable with what it means; those without a default are commented out. */
export function renderEnvFile(): string {
  const head = [
    '# The configuration of Callboard, read from the working folder; variables of the environment beat this file.',
    '# Values are the defaults. Backends that are commented out here are embedded in the process.',
    '# Made from libs/config/variables.ts by `npm run docs:config`: keep your own values when you run that.',
  ];
  return (
    [head, ...SECTIONS.flatMap((section) => envSection(section))].map((part) => part.join('\n')).join('\n\n') + '\n'
  );
}

/** The variables as a table in Markdown for each section. */
export function renderVariableTable(): string {
  return SECTIONS.map((section) => {
    const rows = variablesOf(section).map(([name, variable]) => {
      const fallback = showDefault(variable) ?? '';
      const cells = [
        `\`${name}\``,
        fallback === '' ? tellDefault(variable) : `\`${fallback}\``,
        accepts(variable),
        variable.roles.join(', '),
        variable.description,
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
    return [
      `### ${section}`,
      '',
      '| Variable | Default | Accepts | Used by | Meaning |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  }).join('\n\n');
}

function envSection(section: string): string[][] {
  return [
    [`# ----- ${section} -----`],
    ...variablesOf(section).map(([name, variable]) => {
      const fallback = showDefault(variable);
      const comments = [
        variable.description,
        `${capitalize(accepts(variable))}. ${fallback === undefined ? 'Unset' : 'Default'}: ${tellDefault(variable)}.`,
        `Used by ${variable.roles.join(', ')}.`,
      ];
      const assignment = fallback === undefined ? `# ${name}=${variable.example ?? ''}` : `${name}=${fallback}`;
      return [...comments.flatMap(wrap), assignment];
    }),
  ];
}

function variablesOf(section: string): [string, Variable<Value | undefined>][] {
  return variables().filter(([, variable]) => variable.section === section);
}

/** A default is no secret: it is in the source for all to read. */
function showDefault(variable: Variable<Value | undefined>): string | undefined {
  return showValue({ ...variable, secret: 'no' }, variable.default);
}

function tellDefault(variable: Variable<Value | undefined>): string {
  const fallback = showDefault(variable) ?? variable.whenUnset ?? '';
  return fallback === '' ? 'none' : fallback;
}

function capitalize(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function accepts(variable: Variable<Value | undefined>): string {
  return variable.unit === undefined ? variable.expected : `${variable.unit}: ${variable.expected}`;
}

function wrap(comment: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of comment.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
