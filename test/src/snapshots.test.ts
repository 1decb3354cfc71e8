import { Template } from 'aws-cdk-lib/assertions';
import { APPS } from './support/apps';

/** Hashes of assets and versions follow the runtime's code, which is none of the template's business. */
function withoutHashes(template: object): object {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}/g, '<hash>'));
}

test.each(APPS)('the %s template is as it was', (_name, make) => {
  expect(withoutHashes(Template.fromStack(make().stack).toJSON())).toMatchSnapshot();
});
