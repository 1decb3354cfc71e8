/** A JSON Web Token: three parts in base64url, the first beginning with `{"`. */
const TOKEN = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
/** What makes a presigned URL work. */
const SIGNATURE = /(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"']+/gi;

/** Takes tokens and signatures out of a line, wherever it came from. */
export function redact(line: string): string {
  return line.replace(TOKEN, '[token]').replace(SIGNATURE, '$1[…]');
}
