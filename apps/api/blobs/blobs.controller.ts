import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Principal } from '#core';
import { UploadBlob } from '#scheduling';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, Refuses, Secured, Tagged, Takes } from '../http/documented.js';

const uploadedSchema = z
  .object({
    blob: z.string().describe('Its name: what `{"$file": {"blob": …}}` in a body takes.'),
    bytes: z.int().min(0),
  })
  .meta({ id: 'Blob' });

@Tagged('Blobs')
@Secured()
@Controller('v1/api/blobs')
export class BlobsController {
  constructor(private readonly uploadBlob: UploadBlob) {}

  @Post()
  @Needs('schedule', { ...SOME_SPECS, audits: null })
  @HttpCode(201)
  @Describes({
    operationId: 'uploadBlob',
    summary: 'Upload bytes',
    description: 'Keeps bytes of any kind, so that bodies of processes can name them as files.',
  })
  @Takes('application/octet-stream')
  @Answers(201, 'Stored for good.', uploadedSchema)
  @Refuses(413)
  async upload(@Caller() caller: Principal, @Req() request: FastifyRequest): Promise<z.output<typeof uploadedSchema>> {
    return this.uploadBlob.execute(caller, request.body instanceof Readable ? request.body : Readable.from([]));
  }
}
