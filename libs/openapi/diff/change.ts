import type { OperationTable, SchemaTable } from '#core';

/** One document, as it was generated. */
export interface DocumentTables {
  readonly table: OperationTable;
  readonly schemas: SchemaTable;
}

/** What became of a constraint: values that were allowed are not any more, or the other way round, or both. */
export type Shift = 'narrowed' | 'widened' | 'changed';
/** What a schema says of a value, in the words of the changes. */
export type Aspect = 'type' | 'enum' | 'bounds' | 'pattern' | 'format' | 'alternatives' | 'schema';
export type PropertyShift = 'added' | 'removed' | 'required' | 'optional';
type SchemaKind = `${Aspect}_${Shift}` | `property_${PropertyShift}`;

export type ChangeKind =
  | 'operation_removed'
  | 'operation_added'
  | 'operation_deprecated'
  | 'path_parameter_renamed'
  | 'parameter_required'
  | 'parameter_optional'
  | 'parameter_added'
  | 'parameter_removed'
  | 'parameter_style_changed'
  | 'body_added'
  | 'body_removed'
  | 'body_required'
  | 'body_optional'
  | 'media_type_added'
  | 'media_type_removed'
  | 'response_status_added'
  | 'response_status_removed'
  | 'response_media_type_added'
  | 'response_media_type_removed'
  | 'response_header_removed'
  | 'server_changed'
  | 'security_changed'
  | SchemaKind
  | `response_${SchemaKind}`;

/** One difference between two versions of a document. */
export interface Change {
  readonly kind: ChangeKind;
  /** Whether a call that was right before may fail now, or whoever reads the answers may not find what was there. */
  readonly breaking: boolean;
  /** The operation as the earlier version declares it, or the later one where it is new; absent for the whole document. */
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  /**
   * JSON pointer from the operation to the place: `/parameters/query/limit`, `/body/application~1json/user/name`,
   * `/responses/200/application~1json/items/*`; a `*` stands for any item or further property.
   */
  readonly pointer?: string | undefined;
  /** One sentence. */
  readonly message: string;
}
