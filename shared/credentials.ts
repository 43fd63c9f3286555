/**
 * Matches names of headers that carry credentials, as STOMP and HTTP clients and their tutorials
 * spell them. Only the end of a name matters, because a prefix merely says whose credentials they
 * are: `X-Auth-Token`, `access_token` and `firebaseToken` all end in `token`.
 */
const CREDENTIAL =
  /(?:auth|authentication|authorization|bearer|cookie|credentials?|csrf|xsrf|jwt|otp|pass[-_. ]?(?:code|phrase|wd|word)|pwd|secret|jsessionid|phpsessid|connect\.sid|token|(?:access|api|auth|functions|private|secret|subscription)[-_. ]?key)$/i;

/**
 * True if a header of this name carries credentials (PROTOCOL.md, "Headers"). Such a header from
 * a client is neither passed on nor stored, and it is removed from histories stored by older
 * versions.
 */
export function isCredential(name: string): boolean {
  return CREDENTIAL.test(name.trim());
}
