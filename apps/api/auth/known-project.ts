import type { FastifyInstance, FastifyReply } from 'fastify';
import type { KnownProjects } from '#scheduling';
import { unknownProject } from './asked-project.js';
import './caller.js';

/** Refuses whoever asks for a project that is not there. Register it behind authentication. */
export function requireKnownProject(server: FastifyInstance, projects: Pick<KnownProjects, 'has'>): void {
  server.addHook('onRequest', (request, reply, done) => {
    const isKnown = request.principal === undefined || projects.has(request.principal.project);
    if (isKnown === true) done();
    else if (isKnown === false) refuse(reply);
    else isKnown.then((is) => (is ? done() : refuse(reply))).catch(done);
  });
}

function refuse(reply: FastifyReply): void {
  void reply.status(404).send({ error: true, message: unknownProject() });
}
