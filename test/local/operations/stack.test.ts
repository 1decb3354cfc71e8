import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findStack } from '../../../local/operations';

/** Answers of CloudFormation and Lambda, by what they are asked. */
let server: Server;
let asked: { readonly url: string; readonly body: string; readonly authorization: string }[];
let answers: (url: string, body: URLSearchParams) => { readonly status?: number; readonly text: string };
const saved = { ...process.env };

beforeEach(async () => {
  asked = [];
  server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += String(chunk);
    asked.push({ url: String(req.url), body, authorization: String(req.headers.authorization) });
    const { status = 200, text } = answers(String(req.url), new URLSearchParams(body));
    res.writeHead(status);
    res.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'example';
});
afterEach(() => {
  process.env = { ...saved };
  server.close();
});

const find = (region?: string) =>
  findStack({ stackName: 'Shop', region }, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  } as NodeJS.ProcessEnv);
const member = (type: string, id: string) =>
  `<member><PhysicalResourceId>${id}</PhysicalResourceId><ResourceType>${type}</ResourceType></member>`;
const configuration = (variables: object) => ({ text: JSON.stringify({ Environment: { Variables: variables } }) });

test('the tables of a stack are those that its functions name, on all pages and in nested stacks', async () => {
  answers = (url, query) => {
    if (url.endsWith('/functions/plain/configuration')) return { text: '{}' };
    if (url.endsWith('/functions/sweeper/configuration')) {
      return configuration({
        STREAMER_REQUESTS_TABLE: 'R',
        STREAMER_EVENTS_TABLE: 'E',
        STREAMER_RETENTION_SECONDS: '60',
      });
    }
    if (url.endsWith('/functions/router/configuration')) {
      return configuration({ STREAMER_REQUESTS_TABLE: 'R', STREAMER_API_NAME: 'Shop' });
    }
    if (query.get('StackName') === 'arn:nested')
      return { text: `<R>${member('AWS::Lambda::Function', 'sweeper')}</R>` };
    return query.get('NextToken') === 'a&b'
      ? { text: `<R>${member('AWS::CloudFormation::Stack', 'arn:nested')}</R>` }
      : {
          text: `<R>${member('AWS::Lambda::Function', 'plain')}${member('AWS::SQS::Queue', 'q')}${member('AWS::Lambda::Function', 'router')}<NextToken>a&amp;b</NextToken></R>`,
        };
  };

  expect(await find('eu-west-1')).toEqual({
    region: 'eu-west-1',
    apis: [{ api: 'Shop', requestsTable: 'R', eventsTable: 'E', retentionSeconds: 60 }],
  });
  expect(
    asked.every(({ authorization }) => /AKIDEXAMPLE\/\d+\/eu-west-1\/(cloudformation|lambda)\//.test(authorization)),
  ).toBe(true);
});

test('an error of AWS is reported with its message', async () => {
  const Message = 'Stack with id Shop does not exist';
  answers = () => ({
    status: 400,
    text: `<ErrorResponse><Error><Message>${Message}</Message></Error></ErrorResponse>`,
  });

  await expect(find('eu-west-1')).rejects.toThrow(`cloudformation in eu-west-1 answered 400: ${Message}`);
});
