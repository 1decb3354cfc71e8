import { S3Client } from '@aws-sdk/client-s3';
import { reportKey, s3Store, URL_SECONDS } from '../../../../examples/reports/report/upload';

describe('the key', () => {
  test('each request has a separate key, below its tenant and its user', () => {
    expect(reportKey({ tenant: 'acme', user: 'ann', id: 'r-1' })).toBe('acme/ann/r-1.pdf');
  });

  test.each(['../other', '..', 'a/b', 'a?b'])('no name leaves its folder: %p', (user) => {
    const parts = reportKey({ tenant: 'acme', user, id: 'r' }).split('/');
    expect(parts).toHaveLength(3);
    expect(parts[1]).toMatch(/^[A-Za-z0-9%]+$/);
  });
});

test('the file is put under its key and the URL lets anyone read it for an hour', async () => {
  const sent: { method: string; path: string; headers: Record<string, string>; body: unknown }[] = [];
  const client = new S3Client({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:9',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    requestHandler: {
      // replaces the network: records the requests, and answers as S3 does
      handle: async (request: never) => {
        sent.push(request);
        return { response: { statusCode: 200, headers: {}, body: undefined } };
      },
    } as never,
  });
  const url = new URL(
    await s3Store('the-bucket', client).save({
      key: 'acme/ann/r-1.pdf',
      fileName: 'x.pdf',
      bytes: Buffer.from('%PDF'),
    }),
  );

  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ method: 'PUT', path: '/the-bucket/acme/ann/r-1.pdf', body: Buffer.from('%PDF') });
  expect(sent[0].headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': 'attachment; filename="x.pdf"',
  });
  expect(url.pathname).toBe('/the-bucket/acme/ann/r-1.pdf');
  expect(url.searchParams.get('X-Amz-Expires')).toBe(String(URL_SECONDS));
  expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
});
