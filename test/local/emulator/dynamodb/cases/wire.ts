import { crc32 } from 'node:zlib';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { failure, type Harness } from '../harness';

const signature =
  'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

function post({ endpoint }: Harness, target: string, body: string, headers: Record<string, string> = {}) {
  const base = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0', authorization: signature };
  return fetch(endpoint.url, {
    method: 'POST',
    body,
    headers: { ...base, 'x-amz-date': '20260101T000000Z', ...headers },
  });
}

async function typeOf(response: Response): Promise<string> {
  return ((await response.json()) as { __type: string }).__type;
}

export const wireCases: Case[] = [
  {
    id: 'DDB-01',
    rule: 'an answer has the request id and the CRC-32 of its body in its headers',
    source: 'Low-level API guide, "Response content"',
    async run(h) {
      const response = await post(h, 'DynamoDB_20120810.ListTables', '{}');
      const body = await response.text();
      expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.0');
      expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9A-Za-z-]{32,}$/);
      expect(response.headers.get('x-amz-crc32')).toBe(String(crc32(body)));
    },
  },
  {
    id: 'DDB-02',
    rule: 'a request without a signature is refused',
    source: 'API reference, "Common errors"',
    async run(h) {
      const response = await post(h, 'DynamoDB_20120810.ListTables', '{}', { authorization: '' });
      expect(response.status).toBe(400);
      expect(await typeOf(response)).toBe('com.amazon.coral.service#MissingAuthenticationTokenException');
    },
  },
  {
    id: 'DDB-03',
    rule: 'an unknown operation and a body that is not JSON have separate errors',
    source: 'API reference, "Common errors"',
    async run(h) {
      expect(await typeOf(await post(h, 'DynamoDB_20120810.NoSuchThing', '{}'))).toMatch(/#UnknownOperationException$/);
      expect(await typeOf(await post(h, 'DynamoDB_20120810.ListTables', '{'))).toMatch(/#SerializationException$/);
    },
  },
  {
    id: 'DDB-04',
    rule: 'a table that does not exist is a ResourceNotFoundException',
    source: 'API reference, GetItem',
    async run(h) {
      const error = await failure(h.db.send(new GetItemCommand({ TableName: 'missing', Key: { pk: { S: 'a' } } })));
      expect(error.name).toBe('ResourceNotFoundException');
    },
  },
  {
    id: 'DDB-05',
    rule: 'a reserved word in an expression is a ValidationException that names it',
    source: 'Developer guide, "Reserved words"',
    async run(h) {
      const TableName = await h.table();
      const put = new PutItemCommand({
        TableName,
        Item: { pk: { S: 'a' } },
        ConditionExpression: 'attribute_exists(status)',
      });
      const error = await failure(h.db.send(put));
      expect(error.name).toBe('ValidationException');
      expect(error.message).toContain('Attribute name is a reserved keyword; reserved keyword: status');
    },
  },
  {
    id: 'DDB-06',
    rule: 'names and values that no expression uses are a ValidationException',
    source: 'Developer guide, "Expression attribute names"',
    async run(h) {
      const TableName = await h.table();
      const put = new PutItemCommand({
        TableName,
        Item: { pk: { S: 'a' } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ExpressionAttributeValues: { ':unused': { S: 'x' } },
      });
      const error = await failure(h.db.send(put));
      expect(error.name).toBe('ValidationException');
      expect(error.message).toContain('unused in expressions: keys: {:unused}');
    },
  },
];
