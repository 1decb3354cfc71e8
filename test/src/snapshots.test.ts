import { Template } from 'aws-cdk-lib/assertions';
import { APPS } from './support/apps';

/** Replaces the hashes of assets and versions, because they change with the runtime's code. */
function withoutHashes(template: object): object {
  const text = JSON.stringify(template).replace(/[0-9a-f]{64}/g, '<hash>');
  return JSON.parse(text.replace(/(?<=CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '<hash>'));
}

test.each(APPS)('the %s template is as it was', (_name, make) => {
  expect(withoutHashes(Template.fromStack(make().stack).toJSON())).toMatchSnapshot();
});
