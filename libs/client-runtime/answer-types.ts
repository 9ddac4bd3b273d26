/** What a call of a generated client gives. */
import type { IsOne, JsonType, TypeName, XmlType } from './call-types.js';

/** What a call returns: a promise of `Result`, spelled out so that an editor shows what it can be. */
export type Answered<Operation> = Operation extends { responses: infer Responses }
  ? Promise<
      | {
          [Key in SuccessKey<Responses>]: Answer<true, StatusOf<Key, keyof Responses, SuccessStatus>, Responses[Key]>;
        }[SuccessKey<Responses>]
      | {
          [Key in FailureKey<Responses>]: Answer<false, StatusOf<Key, keyof Responses, FailureStatus>, Responses[Key]>;
        }[FailureKey<Responses>]
      | Undeclared<Responses>
    >
  : Promise<Success<SuccessStatus, unknown> | Failure<FailureStatus, unknown>>;

/**
 * An answer: `data` where `ok`, else `error`, each as the document has it for that status. A status that the document
 * is silent about can come all the same, with a body of any kind.
 */
export type Result<Operation> = Awaited<Answered<Operation>>;

// No interfaces: an editor would show them with all their arguments at each of their properties.
/* eslint-disable @typescript-eslint/consistent-type-definitions */
export type Success<Status, Data, Type = string, Headers = AnswerHeaders> = {
  readonly ok: true;
  readonly status: Status;
  /** Of the body, in lower case and without parameters; empty when the service did not say. */
  readonly contentType: Type;
  readonly headers: Headers;
  /** JSON as its value, text as a string, anything else as bytes; undefined where there is no body. */
  readonly data: Data;
  readonly error?: undefined;
};

export type Failure<Status, Data, Type = string, Headers = AnswerHeaders> = {
  readonly ok: false;
  readonly status: Status;
  /** Of the body, in lower case and without parameters; empty when the service did not say. */
  readonly contentType: Type;
  readonly headers: Headers;
  readonly data?: undefined;
  /** JSON as its value, text as a string, anything else as bytes; undefined where there is no body. */
  readonly error: Data;
};

/* eslint-enable @typescript-eslint/consistent-type-definitions */

/** By lower-case name; values that came several times are joined by `, `. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type NumberOf<Text> = Text extends `${infer Value extends number}` ? Value : never;
/** 200 to 299. */
export type SuccessStatus = NumberOf<`2${Digit}${Digit}`>;
/** 300 to 599: what is neither a success nor followed. */
export type FailureStatus = NumberOf<`${3 | 4 | 5}${Digit}${Digit}`>;

/** `default` speaks of failures, and of successes where nothing else does. */
type SuccessKey<Responses> = [keyof Responses & DeclaredSuccess] extends [never]
  ? keyof Responses & 'default'
  : keyof Responses & DeclaredSuccess;
type FailureKey<Responses> = keyof Responses & (DeclaredFailure | 'default');
type DeclaredSuccess = SuccessStatus | '2XX' | '2xx';
type DeclaredFailure = FailureStatus | `${3 | 4 | 5}${'XX' | 'xx'}`;

/** Where the document names no success, or no failure. */
type Undeclared<Responses> =
  | ([SuccessKey<Responses>] extends [never] ? Success<SuccessStatus, unknown> : never)
  | ([FailureKey<Responses>] extends [never] ? Failure<FailureStatus, unknown> : never);

/** The statuses that an entry speaks of: an exact one goes before a range, a range before `default`. */
type StatusOf<Key, All, Possible> = Key extends number
  ? Key
  : Key extends 'default'
    ? Exclude<Possible, Covered<All>>
    : Exclude<Covered<Key>, All>;
type Covered<Key> = Key extends number ? Key : Key extends `${infer First}${'XX' | 'xx'}` ? InRange<First> : never;
type InRange<First extends string> = NumberOf<`${First}${Digit}${Digit}`>;

type Answer<Ok, Status, Response> = Response extends { content: infer Content }
  ? [keyof Content] extends [never]
    ? AnswerIn<Ok, Status, undefined, string, HeadersOf<Response>>
    : {
        [Type in keyof Content]: AnswerIn<
          Ok,
          Status,
          AnswerValue<Content[Type], Type>,
          IsOne<keyof Content> extends true ? string : EssenceOf<Type>,
          HeadersOf<Response>
        >;
      }[keyof Content]
  : AnswerIn<Ok, Status, undefined, string, HeadersOf<Response>>;

type AnswerIn<Ok, Status, Data, Type, Headers> = Ok extends true
  ? Success<Status, Data, Type, Headers>
  : Failure<Status, Data, Type, Headers>;

/** What the runtime makes of a body of this type. */
type AnswerValue<Value, Type> = Type extends JsonType
  ? Value
  : Type extends `text/${string}` | XmlType
    ? Value extends string
      ? Value
      : string
    : Type extends BinaryType
      ? Uint8Array
      : string extends Value
        ? string | Uint8Array
        : Value;

type BinaryType =
  | `${'image' | 'audio' | 'video' | 'font'}/${string}`
  | `application/${'octet-stream' | 'pdf' | 'zip' | 'gzip' | 'msword' | 'vnd.ms-' | 'vnd.openxmlformats'}${string}`;

/** In lower case and without parameters. */
type EssenceOf<Type> = Type extends `${infer Start}${';' | ' '}${string}`
  ? EssenceOf<Start>
  : TypeName<Type extends string ? Lowercase<Type> : Type>;

/** The declared headers by lower-case name beside all others. */
type HeadersOf<Response> = Response extends { headers: infer Headers }
  ? [keyof Declared<Headers>] extends [never]
    ? AnswerHeaders
    : AnswerHeaders & Declared<Headers>
  : AnswerHeaders;

type Declared<Headers> = Headers extends unknown
  ? {
      readonly [
        Name in keyof Headers as string extends Name ? never : Name extends string ? Lowercase<Name> : never
      ]: string;
    }
  : never;
