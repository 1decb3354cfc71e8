/**
 * Returns the secret of a visitor on this machine. The `cdk-streamer` command derives it from the name in the same way,
 * so that the page and the command find the same requests.
 */
export async function visitorSecret(name: string): Promise<string> {
  const text = new TextEncoder().encode(`a visitor of the local run: ${name}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return btoa(String.fromCharCode(...digest))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}
