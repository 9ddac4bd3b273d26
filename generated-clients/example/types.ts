/** Types of the service, made from its OpenAPI document. Changes are overwritten. */

export interface paths {
  "/getsearchchannels": {
    parameters: NoParameters;
    /** Find channels by name */
    get: operations["searchChannels"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/getsearchsubtitles": {
    parameters: NoParameters;
    /** Find videos by what is said in them */
    get: operations["searchSubtitles"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Channel: {
      id: string;
      title: string;
      videos?: number;
    };
    SubtitlePage: {
      total: number;
      videos: {
        id: string;
        title: string;
        hits?: {
          /** @description In seconds from the beginning. */
          start?: number;
          text?: string;
        }[];
      }[];
    };
  };
  responses: {
    /** @description The request was not understood. */
    Refused: {
      headers: AnyHeaders;
      content: {
        "application/json": {
          message: string;
        };
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  /** Find channels by name */
  searchChannels: {
    parameters: {
      query: {
        /** @description What the channel's name holds. */
        term: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The channels, most viewed first. */
      200: {
        headers: AnyHeaders;
        content: {
          "application/json": components["schemas"]["Channel"][];
        };
      };
      400: components["responses"]["Refused"];
    };
  };
  /** Find videos by what is said in them */
  searchSubtitles: {
    parameters: {
      query: {
        /** @description Words that are said one after another. */
        query: string;
        /** @description Language of the subtitles. */
        lang?: "en" | "de" | "es" | "fr";
        page?: number;
        /** @description Only videos of these categories. */
        category?: string[];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of videos. */
      200: {
        headers: AnyHeaders;
        content: {
          "application/json": components["schemas"]["SubtitlePage"];
        };
      };
      400: components["responses"]["Refused"];
    };
  };
}
/** Of what takes none. */
export interface NoParameters {
  query?: never;
  header?: never;
  path?: never;
  cookie?: never;
}
/** Of answers that declare none. */
export interface AnyHeaders {
  [name: string]: unknown;
}
export type WithRequired<T, K extends keyof T> = T & { [P in K]-?: T[P] };
