import type { FastifyInstance, FastifyRequest } from 'fastify';
import findMyWay from 'find-my-way';
import type { HTTPMethod } from 'find-my-way';

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that an address takes, whatever it is asked with; none where there is nothing. */
    methodsAt?: (url: string) => readonly string[];
  }
}

/**
 * Keeps in mind which routes a server has, so that a known address with another method can be told from an unknown one.
 * The router is the server's own kind, which reads addresses as the server does.
 * @param maxParamLength the server's
 */
export function rememberMethods(server: FastifyInstance, maxParamLength: number): void {
  const router = findMyWay({ maxParamLength });
  const methods = new Set<HTTPMethod>();
  server.addHook('onRoute', ({ url, method }) => {
    // A passage takes all there is.
    if (url.includes('*')) return;
    for (const each of [method].flat() as HTTPMethod[]) {
      methods.add(each);
      if (!router.hasRoute(each, url)) router.on(each, url, () => undefined);
    }
  });
  const isFound = (method: HTTPMethod, url: string) => {
    const found = router.find(method, url);
    // The router takes nothing for a parameter as well, but there is nothing by that name.
    return found !== null && !Object.values(found.params).includes('');
  };
  server.decorate('methodsAt', (url: string) => [...methods].filter((each) => isFound(each, url)).sort());
}

/** What may be asked of the address of a request; none where there is nothing. */
export function methodsFor({ server, url }: FastifyRequest): readonly string[] {
  return server.methodsAt?.(url) ?? [];
}
