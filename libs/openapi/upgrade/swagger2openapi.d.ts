declare module 'swagger2openapi' {
  interface ConvertOptions {
    patch?: boolean;
    warnOnly?: boolean;
    resolveInternal?: boolean;
    direct?: boolean;
    text?: string;
  }
  const converter: {
    convertObj(swagger: Record<string, unknown>, options: ConvertOptions): Promise<Record<string, unknown>>;
  };
  export default converter;
}
