import type { StreamerApiProps } from '../../src';
import { maximalProps, minimalProps, synthesize } from './support/apps';

/** Hashes of assets follow the runtime's code, which is none of the template's business. */
function withoutHashes(template: object): object {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}/g, '<hash>'));
}

test.each<[name: string, props: () => StreamerApiProps]>([
  ['minimal', minimalProps],
  ['maximal', maximalProps],
])('the %s template is as it was', (_name, props) => {
  expect(withoutHashes(synthesize(props()).toJSON())).toMatchSnapshot();
});
