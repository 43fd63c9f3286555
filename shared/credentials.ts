/**
 * Names of headers that carry credentials, as STOMP and HTTP clients and their tutorials spell
 * them. The end of a name decides, because what comes before it only says whose credentials they
 * are: `X-Auth-Token`, `access_token` and `firebaseToken` all end in `token`.
 */
const CREDENTIAL =
  /(?:auth|authentication|authorization|bearer|cookie|credentials?|csrf|xsrf|jwt|otp|pass[-_. ]?(?:code|phrase|wd|word)|pwd|secret|jsessionid|phpsessid|connect\.sid|token|(?:access|api|auth|functions|private|secret|subscription)[-_. ]?key)$/i;

/**
 * Whether a header of this name carries credentials (PROTOCOL.md, "Headers"): no client's header of
 * such a name is passed on to receivers, kept, or told from a history that was kept before.
 */
export function isCredential(name: string): boolean {
  return CREDENTIAL.test(name.trim());
}
