import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';

/** Accepts a connection if its ticket is JSON. The ticket becomes the context of the connection. */
const AUTHORIZER = `
exports.handler = async ({ methodArn, queryStringParameters }) => ({
  principalId: 'ticket',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }],
  },
  context: JSON.parse(queryStringParameters.ticket),
});
`;

/** Two APIs. One has no login, and its requests may be submitted. The other one has a custom authorizer. */
export function anywhereApp(outdir: string): App {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Anywhere');
  const projectRoot = join(__dirname, '..');
  const echo = StreamerHandler.sync('fixture/handlers/echo.ts');
  const visitors = new StreamerApi(stack, 'Visitors', {
    projectRoot,
    auth: StreamerAuth.none({ allowedOrigins: ['https://app.example'] }),
    handlers: {
      echo,
      relay: StreamerHandler.sync('anywhere/handlers/relay.ts'),
      steps: StreamerHandler.async('fixture/handlers/steps.ts'),
    },
  });
  visitors.grantSubmit(visitors.handler('relay'));
  const authorizer = new LambdaFunction(stack, 'Authorizer', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(AUTHORIZER),
  });
  const tickets = new StreamerApi(stack, 'Tickets', {
    projectRoot,
    auth: StreamerAuth.custom(authorizer, { identitySources: ['route.request.querystring.ticket'] }),
    handlers: { echo },
  });
  new CfnOutput(stack, 'VisitorsUrl', { value: visitors.url });
  new CfnOutput(stack, 'TicketsUrl', { value: tickets.url });
  return app;
}
