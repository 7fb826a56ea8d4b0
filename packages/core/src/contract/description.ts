/**
 * A Security Scheme Object (OpenAPI 3.1 §4.8.27), with the members that its `type` has.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object
 */
export interface SecuritySchemeObject {
  /** Which of the members below it has. */
  readonly type: 'apiKey' | 'http' | 'mutualTLS' | 'oauth2' | 'openIdConnect'
  /** For people who read the document. */
  readonly description?: string
  /** `apiKey`: the name of the field, cookie or parameter. */
  readonly name?: string
  /** `apiKey`: where it is. */
  readonly in?: 'query' | 'header' | 'cookie'
  /** `http`: the authentication scheme of the Authorization field, such as `bearer`. */
  readonly scheme?: string
  /** `http`: a hint at the form of the token. */
  readonly bearerFormat?: string
  /** `oauth2`: the flows by which a client gets a token. */
  readonly flows?: OAuthFlows
  /** `openIdConnect`: where the metadata of the provider are. */
  readonly openIdConnectUrl?: string
}

/** The flows of an `oauth2` scheme (OpenAPI 3.1 §4.8.28). */
export interface OAuthFlows {
  /** RFC 6749 §4.3. Advised against: RFC 9700 §2.4. */
  readonly password?: OAuthFlow & {
    /** Where a client sends the name and password of a user, and gets a token. */
    readonly tokenUrl: string
  }
  /** RFC 6749 §4.4. */
  readonly clientCredentials?: OAuthFlow & {
    /** Where a client gets a token for itself. */
    readonly tokenUrl: string
  }
  /** RFC 6749 §4.1. */
  readonly authorizationCode?: OAuthFlow & {
    /** Where the browser of a user is sent to log in and to agree. */
    readonly authorizationUrl: string
    /** Where a client redeems the code that came of that. */
    readonly tokenUrl: string
  }
}

/** What every flow has. */
export interface OAuthFlow {
  /** Where tokens are renewed, if that is elsewhere. */
  readonly refreshUrl?: string
  /** Every scope, with what it is for. */
  readonly scopes: Readonly<Record<string, string>>
}

/** How a scheme is written in an OpenAPI document. */
export interface SchemeDescription {
  /** Its security schemes, by the names under which `components.securitySchemes` lists them. */
  readonly securitySchemes: Readonly<Record<string, SecuritySchemeObject>>
  /** The ways to satisfy it: of the lists one is enough, of the names in a list all are needed. */
  readonly alternatives: readonly (readonly string[])[]
}
