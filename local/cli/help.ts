export const HELP = `cdk-streamer: runs a synthesized CDK application on this machine

Usage
  cdk-streamer dev [assembly]      run the cloud assembly in that folder
  cdk-streamer dev --app "cmd"     run "cmd" to synthesize the app, then run what it made

Without either, the app that cdk.json names is synthesized, else ./cdk.out is run.

Options
  --port n           listen on this port, or the next free one; 0 for any (default 4000)
  --pages dir        serve a built single-page app at /
  --dynamodb engine  embedded (default), or local: AWS's DynamoDB Local, which needs Java
  --open             open the console in a browser
  --no-watch         do not bundle handlers again when they are saved
  --verbose          tell of every request, with details
  --version          print the version
  -h, --help         print this

Ctrl-C ends the run and everything it began. A second Ctrl-C does so at once.
`;
