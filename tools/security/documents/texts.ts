/** What would be there if a text of a document ran or left its string: nothing else in a client has this name. */
export const MARK = 'HOSTILE_MARK';
const CODE = `globalThis.${MARK}=1`;

/** Texts that would be code if they left their string, their comment, their name or their line. */
export const TEXTS: readonly string[] = [
  CODE,
  `*/ ${CODE}; /*`,
  `*\\/ ${CODE}; /*`,
  `"; ${CODE}; "`,
  `'; ${CODE}; '`,
  `\`; ${CODE}; \``,
  `\\"; ${CODE}; //`,
  `\\'; ${CODE}; //`,
  `\\`,
  `\${${CODE}}`,
  `\`\${${CODE}}\``,
  `\\u0022; ${CODE}; \\u0022`,
  `\\u002a\\u002f ${CODE};`,
  `\n${CODE};\n`,
  `\r${CODE};\r`,
  `\u2028${CODE};\u2028`,
  `\u2029${CODE};\u2029`,
  `\u0085${CODE};\u0085`,
  `\v${CODE};\f`,
  `\u0000${CODE};\u0000`,
  `\u202e${CODE};\u202c\u2066`,
  `\u200b\ufeff${CODE};\u00ad`,
  `\ud800${CODE};\udc00`,
  `</script><script>${CODE}</script>`,
  `<!-- ${CODE} --> `,
  `--> ${CODE}`,
  `]: never }; ${CODE}; interface ${MARK} { [`,
  `} } ${CODE}; export const ${MARK} = { a: { `,
  `) => void; export const ${MARK} = ((`,
  `x?: ${MARK}; y`,
  `import("data:text/javascript,${CODE}")`,
  `/// <reference path="/etc/${MARK}" />`,
  `\n/// <reference types="${MARK}" />\n`,
  `// @ts-nocheck ${MARK}`,
  `@ts-ignore ${MARK}`,
  `\n@ts-expect-error ${MARK}\n`,
  `{@link ${MARK}.a} @type {${MARK}.a} @import * as a from "${MARK}"`,
  `//# sourceMappingURL=data:application/json,${MARK}`,
  `#!/usr/bin/env ${MARK}`,
  `$(touch ${MARK}); \`touch ${MARK}\` | touch ${MARK} && touch ${MARK}`,
  `../../../${MARK}`,
  `/etc/${MARK}`,
  `C:\\${MARK}:stream`,
  `%2e%2e%2f${MARK}%00`,
  `!!js/function "function () { ${CODE} }"`,
  `&${MARK} x: *${MARK} - # | > %`,
  `---\n${MARK}: !!python/object/apply:os.system [x]\n...\n`,
  `{{${CODE}}} <%= ${CODE} %> #{${CODE}}`,
  `\x1b]0;${MARK}\x07\x1b[2J`,
  `\r\nX-${MARK}: 1\r\n\r\n`,
];

/** Those that no service can be asked for in a path, or by any encoding: their documents are refused. */
const REFUSED = new Set([`../../../${MARK}`, `\ud800${CODE};\udc00`]);

/** Those that have to become clients, wherever they stand. */
export const KEPT_TEXTS = TEXTS.filter((text) => !REFUSED.has(text));

/** Names that every object has, or that change what all objects have. */
export const SHARED_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
];
