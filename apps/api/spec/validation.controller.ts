import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ValidateDocument } from '#scheduling';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, Refuses, Secured, Tagged } from '../http/documented.js';
import { documentOf } from './document.js';
import { validateSpecSchema } from './spec.schemas.js';
import type { ValidateSpecBody } from './spec.schemas.js';
import { verdictSchema } from './versions.schemas.js';
import type { VerdictBody } from './versions.schemas.js';
import { verdictView } from './versions.view.js';

/** What a document would become. */
@Tagged('Spec')
@Secured()
@Controller('v1/api/spec/validate')
export class ValidationController {
  constructor(private readonly validateDocument: ValidateDocument) {}

  @Post()
  @Needs('manage', { ...SOME_SPECS, audits: null })
  @HttpCode(200)
  @Describes({
    operationId: 'validateSpec',
    summary: 'Validate a document',
    description: 'Reads, generates and reviews a document as for a Spec, tells what was found, and keeps nothing.',
  })
  @Answers(200, 'What was found.', verdictSchema)
  @Refuses(400, 413, 415)
  async validate(
    @Body({ schema: validateSpecSchema }) body: ValidateSpecBody,
    @Req() request: FastifyRequest,
  ): Promise<VerdictBody> {
    const gone = new AbortController();
    const { socket } = request.raw;
    const onClose = () => gone.abort();
    socket.once('close', onClose);
    try {
      return verdictView(await this.validateDocument.execute(documentOf(body.spec), gone.signal));
    } finally {
      socket.off('close', onClose);
    }
  }
}
