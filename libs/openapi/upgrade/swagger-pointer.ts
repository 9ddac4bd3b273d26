const SECTIONS: Readonly<Record<string, string>> = {
  schemas: 'definitions',
  parameters: 'parameters',
  responses: 'responses',
  securitySchemes: 'securityDefinitions',
};

/**
 * Where a place of an upgraded document stands in the Swagger 2.0 document as it was sent. What the upgrade made out of
 * several places is told at the nearest thing that holds them.
 */
export function swaggerPointer(pointer: string): string {
  return pointer
    .replace(/^\/components\/([^/]+)/, (whole, section: string) => {
      return Object.hasOwn(SECTIONS, section) ? `/${SECTIONS[section] ?? ''}` : whole;
    })
    .replace(/^(\/securityDefinitions\/[^/]*)\/flows(\/[^/]*)?/, '$1')
    .replace(/^(\/paths\/[^/]*\/[^/]*)\/requestBody.*$/, '$1')
    .replace(/^((?:\/paths\/[^/]*\/[^/]*)?\/responses\/[^/]*)\/content(\/[^/]*)?/, '$1')
    .replace(
      /^((?:\/paths\/[^/]*\/[^/]*)?\/responses\/[^/]*\/headers\/[^/]*|(?:\/paths\/[^/]*(?:\/[^/]*)?)?\/parameters\/[^/]*)\/schema/,
      '$1',
    )
    .replace(/^(\/paths\/[^/]*\/[^/]*)\/servers.*$/, '$1/schemes')
    .replace(/^\/servers.*$/, '');
}
