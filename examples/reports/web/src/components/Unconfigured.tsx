/** Explains the content of `streamer.json`. It is shown if this file is not next to the page. */
export function Unconfigured({ reason }: { reason?: string }) {
  return (
    <main className="page narrow">
      <section className="card" data-testid="unconfigured">
        <h1>This page has no address of an API yet</h1>
        <p>
          It looks for <code>/streamer.json</code> on its own host and found none. In this repository{' '}
          <code>npm start</code> serves both. For a deployed API, put this file next to the page:
        </p>
        <pre>{`{
  "url": "the stack's output Url, wss://…",
  "tokenUrl": "https://…"
}`}</pre>
        <p>
          <code>tokenUrl</code> is your own endpoint. It identifies the visitor, accepts a POST and answers{' '}
          <code>{'{ "token": "…" }'}</code> with a JWT for the issuer and the audience of the stack.
        </p>
        {reason && <p className="subtitle">{reason}</p>}
      </section>
    </main>
  );
}
