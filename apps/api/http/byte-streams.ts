import { pipeline, Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';

const BYTES = 'application/octet-stream';

/**
 * Gives the routes under these addresses their bodies as streams of bytes, whatever their content type says. A body
 * beyond its route's limit is refused at once if it says so, else its stream fails with status 413.
 */
export function streamBodies(server: FastifyInstance, urls: readonly string[]): void {
  const isStreamed = (url: string | undefined) => url !== undefined && urls.includes(url);
  server.addHook('onRequest', (request, _reply, done) => {
    // A file of JSON is a file, not a request of ours.
    if (isStreamed(request.routeOptions.url)) request.headers['content-type'] = BYTES;
    done();
  });
  server.addContentTypeParser(BYTES, (request, payload, done) => {
    const { url, bodyLimit } = request.routeOptions;
    if (!isStreamed(url)) done(refused(415));
    else if (Number(request.headers['content-length'] ?? 0) > bodyLimit) done(refused(413));
    // What breaks off breaks the stream that is read, too.
    else
      done(
        null,
        pipeline(payload, limited(bodyLimit), () => undefined),
      );
  });
}

function limited(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(refused(413));
      else done(null, chunk);
    },
  });
}

/** The sentence is made where all such refusals get theirs. */
function refused(statusCode: number): Error {
  return Object.assign(new Error('The body is refused.'), { statusCode });
}
