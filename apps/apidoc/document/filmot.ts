/** The service of the examples: small, with both kinds of parameters and the headers that its keys travel in. */
export const FILMOT_URL = 'https://filmot-tube-metadata-archive.p.rapidapi.com';

export const FILMOT_DOCUMENT = `openapi: 3.0.3
info:
  title: Filmot Tube Metadata Archive
  version: 1.0.0
servers:
  - url: ${FILMOT_URL}
paths:
  /getsearchchannels:
    get:
      summary: Search channels
      parameters:
        - { name: term, in: query, required: true, schema: { type: string } }
        - $ref: '#/components/parameters/Key'
        - $ref: '#/components/parameters/Host'
      responses:
        '200': { description: The channels }
  /getsearchsubtitles:
    get:
      summary: Search subtitles
      parameters:
        - { name: query, in: query, required: true, schema: { type: string } }
        - { name: channel, in: query, schema: { type: string } }
        - $ref: '#/components/parameters/Key'
        - $ref: '#/components/parameters/Host'
      responses:
        '200': { description: The subtitles }
components:
  parameters:
    Key: { name: x-rapidapi-key, in: header, schema: { type: string } }
    Host: { name: x-rapidapi-host, in: header, schema: { type: string } }
`;

export const FILMOT_HEADERS = {
  'x-rapidapi-host': new URL(FILMOT_URL).host,
  'x-rapidapi-key': 'your-key',
};

/** What the service answers to a search for channels. */
export const FILMOT_CHANNELS = [
  {
    r: 2312517590,
    value: 'UCvJiYiBUbw4tmpRSZT2r1Hw',
    label: 'Science Channel',
    subcount: 5140000,
    subcountp: '5.1M',
    viewcount: 1133721956,
    viewcountp: '1.1B',
    newshortname: '@sciencechannel',
    islist: false,
  },
];
