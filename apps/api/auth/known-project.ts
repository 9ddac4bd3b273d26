import type { FastifyInstance, FastifyReply } from 'fastify';
import { DEFAULT_PROJECT } from '#core';
import { noteOnRequest } from '#observability';
import type { KnownProjects } from '#scheduling';
import { unknownProject } from './asked-project.js';
import './caller.js';

/** Refuses whoever asks for a project that is not there, and has it told in the log. Register it behind authentication. */
export function requireKnownProject(server: FastifyInstance, projects: Pick<KnownProjects, 'has'>): void {
  server.addHook('onRequest', (request, reply, done) => {
    const project = request.principal?.project ?? DEFAULT_PROJECT;
    if (project !== DEFAULT_PROJECT) noteOnRequest(request, { project });
    const isKnown = projects.has(project);
    if (isKnown === true) done();
    else if (isKnown === false) refuse(reply);
    else isKnown.then((is) => (is ? done() : refuse(reply))).catch(done);
  });
}

function refuse(reply: FastifyReply): void {
  void reply.status(404).send({ error: true, message: unknownProject() });
}
