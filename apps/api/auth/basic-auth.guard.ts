import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, SetMetadata, UnauthorizedException } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';

const OPEN = 'callboard:open';

/** Marks a route that needs no credentials. */
export const Open = () => SetMetadata(OPEN, true);

/** The user name and password that the service expects. */
export class BasicCredentials {
  constructor(
    readonly username: string,
    readonly password: string,
  ) {}
}

/** HTTP Basic authentication (RFC 7617, UTF-8), compared in constant time. */
@Injectable()
export class BasicAuthGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(
    credentials: BasicCredentials,
    private readonly reflector: Reflector,
  ) {
    this.expected = digest(`${credentials.username}:${credentials.password}`);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean | undefined>(OPEN, [context.getHandler(), context.getClass()]))
      return true;
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const token = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      throw new UnauthorizedException('Expected a user name and password (HTTP Basic), got none.');
    }
    // Equal lengths for both sides, so that neither the comparison nor the length tells anything.
    if (!timingSafeEqual(digest(Buffer.from(token, 'base64').toString()), this.expected)) {
      throw new UnauthorizedException('Expected the user name and password of this installation, got others.');
    }
    return true;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
