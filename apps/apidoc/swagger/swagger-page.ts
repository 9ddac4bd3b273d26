import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_HTML, PAGE_PATH, PAGE_POLICY, PAGE_SCRIPT } from './page.js';

const require = createRequire(import.meta.url);

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
/** What the page loads of the package swagger-ui-dist. */
const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
  'favicon-32x32.png': 'image/png',
};
const DOCUMENT = 'openapi.json';

/**
 * Adds Swagger UI, all of it from this server, and the API's own document. The few files have a route each, so no path
 * of a caller ever reaches the file system.
 * @throws Error when the package or the document is not where the build puts it.
 */
export function addSwaggerPage(server: FastifyInstance): void {
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'));
  const document = join(documentFolder(), DOCUMENT);
  const serve = (path: string, type: string, read: () => string | Promise<Buffer>) =>
    server.get(path, async (request, reply) => answer(request, reply.type(type), await read()));

  for (const path of [PAGE_PATH, `${PAGE_PATH}/`]) serve(path, HTML, () => PAGE_HTML);
  serve(`${PAGE_PATH}/page.js`, SCRIPT, () => PAGE_SCRIPT);
  serve(`${PAGE_PATH}/${DOCUMENT}`, 'application/json; charset=utf-8', () => readFile(document));
  for (const [name, type] of Object.entries(ASSETS)) {
    // Read each time: pages are opened seldom, and the files are larger than all else that waits in memory here.
    serve(`${PAGE_PATH}/${name}`, type, () => readFile(join(assets, name)));
  }
}

/** A new version brings new files under the old names, so browsers ask each time, mostly for a 304. */
function answer(request: FastifyRequest, reply: FastifyReply, content: string | Buffer): FastifyReply {
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  reply.headers({
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': PAGE_POLICY,
    ETag: etag,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(content);
}

/** docs/swagger of this package, from the sources and from dist/ alike. */
function documentFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'docs', 'swagger', DOCUMENT))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('Expected docs/swagger/openapi.json beside the build, got none.');
    folder = parent;
  }
  return join(folder, 'docs', 'swagger');
}
