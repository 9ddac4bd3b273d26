import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that a path takes, whatever it is asked with; none where there is nothing. */
    methodsAt?: (path: string) => readonly string[];
  }
}

/** Keeps in mind which routes a server has, so that a known address with another method can be told from an unknown one. */
export function rememberMethods(server: FastifyInstance): void {
  const routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    // A passage takes all there is.
    if (!url.includes('*')) routes.push({ path: patternOf(url), methods: [method].flat() });
  });
  server.decorate('methodsAt', (path: string) => {
    const methods = routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  });
}

/** What may be asked of the address of a request; none where there is nothing. */
export function methodsFor({ server, url }: FastifyRequest): readonly string[] {
  return server.methodsAt?.(url.split(/[?#]/, 1)[0] ?? '') ?? [];
}

/** A route's path, `:name` standing for one part. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
